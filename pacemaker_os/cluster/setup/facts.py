"""What is there on the nodes before anything is done."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pacemaker_os.cluster.setup.corosync import CorosyncConf, parse_corosync_conf
from pacemaker_os.cluster.setup.pcs import SETUP_LOCK, TIMEOUT
from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.base import Transport

COROSYNC_CONF = "/etc/corosync/corosync.conf"
CIB = "/var/lib/pacemaker/cib/cib.xml"

#: Seconds until a setup that was cut off has ended, or was ended, at the latest.
_ENDS = TIMEOUT + 10

#: The programs that a node must have, and the Debian packages that bring them.
_PROGRAMS = {"pcs": "pcs", "corosync": "corosync", "pacemakerd": "pacemaker"}

#: One look at a node, when no setup is under way there: the missing programs in the first line, the second
#: says running, the third whether there is a CIB, and then comes corosync.conf.
_LOOK = f"""
flock --wait {_ENDS:g} "$3" true
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
    """What one node is: its corosync.conf if it has one, whether Pacemaker runs, whether there is a CIB."""

    node: TopologyNode
    transport: Transport
    conf: CorosyncConf | None
    running: bool
    has_cib: bool


def gather_facts(topology: Topology) -> tuple[NodeFacts, ...]:
    """Look at every node; raises ClusterError when one lacks the programs of a cluster."""
    return tuple(run_parallel(_look, topology.nodes))


def online_nodes(transport: Transport) -> frozenset[str]:
    """Return the cluster nodes that Pacemaker calls online, with quorum; none while it has no answer."""
    try:
        said = transport.run(["crm_mon", "-1", "--output-as=xml"], timeout=10)
        status = etree.fromstring(said.stdout)
    except (TransportError, etree.XMLSyntaxError):
        return frozenset()
    dc = status.find("summary/current_dc")
    if dc is None or dc.get("with_quorum") != "true":
        return frozenset()
    nodes = status.iterfind("nodes/node[@online='true'][@pending='false'][@type='member']")
    return frozenset(str(node.get("name")) for node in nodes)


def _look(node: TopologyNode) -> NodeFacts:
    transport = node.open()
    line = ["sh", "-c", _LOOK, "sh", COROSYNC_CONF, CIB, SETUP_LOCK]
    lines = transport.run(line, timeout=_ENDS + 30).text.split("\n", 3)
    missing, active, cib, conf = (*lines, "")[:4]
    if missing.strip():
        packages = " ".join(_PROGRAMS[program] for program in missing.split())
        raise ClusterError(
            f"node '{node.name}' lacks {', '.join(missing.split())}; install there: {packages}",
            code="no-program",
        )
    return NodeFacts(
        node=node,
        transport=transport,
        conf=parse_corosync_conf(conf) if conf.strip() else None,
        running=active.strip() in ("active", "activating"),
        has_cib=cib.strip() == "cib",
    )
