"""Facts about nodes before a setup."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cluster.setup.corosync import CorosyncConf, parse_corosync_conf
from pacemaker_os.cluster.setup.pcs import SETUP_LOCK, TIMEOUT
from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.base import Transport

COROSYNC_CONF = "/etc/corosync/corosync.conf"
CIB = "/var/lib/pacemaker/cib/cib.xml"

#: Time after which an interrupted setup has ended, in seconds.
_SETUP_TIMEOUT = TIMEOUT + 10

#: Required programs, and the Debian packages that contain them.
_PROGRAMS = {"pcs": "pcs", "corosync": "corosync", "pacemakerd": "pacemaker"}

#: Script that prints the facts of a node after a running setup has ended: the missing programs, the state of
#: Pacemaker, and whether a CIB exists, each on one line, and then corosync.conf.
_SCRIPT = f"""
flock --wait {_SETUP_TIMEOUT:g} "$3" true
missing=
for program in pcs corosync pacemakerd; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
echo "$missing"
systemctl is-active pacemaker || true
if [ -e "$2" ]; then echo cib; else echo none; fi
if [ -e "$1" ]; then cat -- "$1"; fi
"""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """The facts of a node: its corosync.conf or None, whether Pacemaker runs, and whether it has a CIB."""

    node: TopologyNode
    transport: Transport
    conf: CorosyncConf | None
    running: bool
    has_cib: bool


def gather_facts(topology: Topology) -> tuple[NodeFacts, ...]:
    """Gather the facts of all nodes. Raises ClusterError when a required program is missing."""
    return tuple(run_parallel(_gather, topology.nodes))


def online_nodes(transport: Transport) -> frozenset[str]:
    """Return the online cluster nodes of a partition with quorum; none while Pacemaker does not respond."""
    try:
        done = transport.run(["crm_mon", "-1", "--output-as=xml"], timeout=10)
        status = etree.fromstring(done.stdout)
    except (TransportError, etree.XMLSyntaxError):
        return frozenset()
    dc = status.find("summary/current_dc")
    if dc is None or dc.get("with_quorum") != "true":
        return frozenset()
    nodes = status.iterfind("nodes/node[@online='true'][@pending='false'][@type='member']")
    return frozenset(str(node.get("name")) for node in nodes)


def _gather(node: TopologyNode) -> NodeFacts:
    transport = node.open()
    line = ["sh", "-c", _SCRIPT, "sh", COROSYNC_CONF, CIB, SETUP_LOCK]
    lines = transport.run(line, timeout=_SETUP_TIMEOUT + 30).text.split("\n", 3)
    missing, active, cib, conf = (*lines, "")[:4]
    if missing.strip():
        packages = " ".join(_PROGRAMS[program] for program in missing.split())
        raise ClusterError(
            f"node '{node.name}' lacks {', '.join(missing.split())}; install these packages: {packages}",
            code="no-program",
        )
    return NodeFacts(
        node=node,
        transport=transport,
        conf=parse_corosync_conf(conf) if conf.strip() else None,
        running=active.strip() in ("active", "activating"),
        has_cib=cib.strip() == "cib",
    )
