"""Evacuation requests in the CIB: the nodes that were fenced and whose evacuation is not complete.

A request is a permanent node attribute, `nova-evacuation`. It is on the disk of every controller before the
fence agent reports success, and therefore survives a power loss of all controllers. While it exists:

- The engine evacuates the instances of the node, regardless of when the engine was started.
- A location rule prevents nova-compute from starting on the node, so that no instance runs twice.

All functions use Pacemaker's own programs and raise Failure if these fail.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from pacemaker_os.ocf.cluster import UNSET
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from xml.etree.ElementTree import Element

    from pacemaker_os.ocf.command import Result

#: The permanent node attribute with the name of the request.
ATTRIBUTE = "nova-evacuation"
#: The transient node attribute that the nova-compute agent sets while nova-compute runs, with its start time.
RUNS = "nova-compute-runs"
#: The transient node attribute in which that agent lists crashed instances.
CRASHED = "nova-crashed"
#: The private node attribute with the engine report.
ENGINE_REPORT = "nova-evacuation-told"

CIBADMIN = "/usr/sbin/cibadmin"
CRM_ATTRIBUTE = "/usr/sbin/crm_attribute"
ATTRD_UPDATER = "/usr/sbin/attrd_updater"
CRM_RESOURCE = "/usr/sbin/crm_resource"
CRM_NODE = "/usr/sbin/crm_node"
CRM_MON = "/usr/sbin/crm_mon"

#: crm_exit_t CRM_EX_NOSUCH; and ENXIO, which older programs return.
NO_SUCH = (105, 6)


#: The environment variable that makes Pacemaker's programs use a CIB file instead of a cluster.
CIB_FILE = "CIB_file"

#: Timeout of one of Pacemaker's programs, in seconds.
PROGRAM_TIMEOUT = 20.0


def cib_file_environ() -> dict[str, str]:
    """Return the part of the environment that Pacemaker's programs need: CIB_file, if it is set."""
    return {name: value for name, value in os.environ.items() if name == CIB_FILE}


def run_program(argv: Sequence[str]) -> Result:
    """Run one of Pacemaker's programs."""
    from pacemaker_os.ocf.command import run

    return run(argv, Deadline(PROGRAM_TIMEOUT), environ=cib_file_environ())


def new_name() -> str:
    """Return the name of a new request: the time in UTC, and a random suffix."""
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.urandom(2).hex()}"


@dataclass(frozen=True, slots=True)
class Runs:
    """Start times of nova-compute and of its node, in seconds since 1970; 0 if they are unknown."""

    began: float = 0.0
    booted: float = 0.0


def runs(value: str) -> Runs:
    """Return the start times in the value of the attribute, BEGAN-BOOTED."""
    times = [float(word) if word.isdigit() else 0.0 for word in value.split("-")]
    return Runs(*times[:2])


class Requests:
    """The evacuation requests of a cluster. `run` runs a command and returns its Result."""

    def __init__(self, run: Callable[[Sequence[str]], Result]) -> None:
        self._run = run

    def _do(self, *argv: str, accept: tuple[int, ...] = ()) -> str:
        """Run a program and return its output; an empty string if its exit status is in `accept`."""
        result = self._run(argv)
        if result.status and result.status not in accept:
            raise Failure(f"Pacemaker command {argv[0].rpartition('/')[2]} failed: {result.error_line}")
        return result.stdout if not result.status else ""

    def _xml(self, *argv: str) -> Element | None:
        from xml.etree import ElementTree

        text = self._do(*argv, accept=NO_SUCH)
        return ElementTree.fromstring(text) if text.strip() else None  # noqa: S314  # our own cluster's

    def open(self) -> dict[str, str]:
        """Return the name of the open request of each node that has one."""
        nodes = self._xml(CIBADMIN, "--query", "--scope", "nodes")
        found = {}
        for node in nodes.iterfind("node") if nodes is not None else ():
            for pair in node.iterfind("instance_attributes/nvpair"):
                if pair.get("name") == ATTRIBUTE and pair.get("value"):
                    found[node.get("uname", "")] = pair.get("value", "")
        return found

    def of(self, node: str) -> str:
        """Return the name of a node's open request, or an empty string."""
        return self._do(*self._at(node), "--query", "--quiet", "--default", "", accept=NO_SUCH).strip()

    def record(self, node: str) -> str:
        """Open a request for a node, unless one is open. Return its name; it is durable then."""
        name = self.of(node)
        if not name:
            name = new_name()
            self._do(*self._at(node), "--update", name)
            if self.of(node) != name:
                raise Failure(f"the evacuation request for {node} was not stored in the CIB")
        return name

    def close(self, node: str) -> None:
        """Close the request of a node: its evacuation is complete, and nova-compute may start there."""
        self._do(*self._at(node), "--delete", accept=NO_SUCH)

    def _at(self, node: str) -> tuple[str, ...]:
        return (CRM_ATTRIBUTE, "--node", node, "--lifetime", "forever", "--name", ATTRIBUTE)

    def _transient(self, name: str) -> dict[str, str]:
        """Return the values of a transient attribute by node; a CIB file has none."""
        if CIB_FILE in os.environ:
            return {}
        text = self._do(ATTRD_UPDATER, "--query", "--all", "--name", name, accept=UNSET)
        found = {}
        for line in text.splitlines():
            # name="NAME" host="NODE" value="VALUE"
            parts = line.split('"')
            if len(parts) >= 7 and parts[2].strip() == "host=" and parts[5]:
                found[parts[3]] = parts[5]
        return found

    def running(self) -> dict[str, Runs]:
        """Return the nodes on which Pacemaker runs nova-compute, with its start times."""
        return {node: runs(value) for node, value in self._transient(RUNS).items()}

    def crashed(self) -> dict[str, list[str]]:
        """Return the crashed instances by node."""
        return {node: uuids.split() for node, uuids in self._transient(CRASHED).items()}

    def publish_engine_report(self, report: str) -> None:
        """Publish the engine report; an empty one deletes the attribute."""
        if CIB_FILE not in os.environ:
            what = ("--update", report) if report else ("--delete",)
            self._do(ATTRD_UPDATER, "--name", ENGINE_REPORT, *what, "--private", accept=UNSET)

    def engine_reports(self) -> list[str]:
        """Return the published engine reports."""
        return list(self._transient(ENGINE_REPORT).values())

    def online(self) -> frozenset[str]:
        """Return the nodes that are online, including remote nodes."""
        output = self._xml(CRM_MON, "--one-shot", "--output-as=xml", "--include=none,nodes")
        nodes = output.iterfind("nodes/node") if output is not None else ()
        return frozenset(node.get("name", "") for node in nodes if node.get("online") == "true")

    def quorate(self) -> bool:
        """Return whether this partition has quorum. A CIB file always has."""
        if CIB_FILE in os.environ:
            return True
        return self._do(CRM_NODE, "--quorum").strip() == "1"

    def remote_nodes(self) -> list[str]:
        """Return all remote nodes, online or not."""
        nodes = self._xml(CIBADMIN, "--query", "--scope", "nodes")
        resources = self._xml(CIBADMIN, "--query", "--scope", "resources")
        found = set()
        if nodes is not None:
            found |= {
                node.get("uname", "") for node in nodes.iterfind("node") if node.get("type") == "remote"
            }
        if resources is not None:
            found |= {
                each.get("id", "")
                for each in resources.iter("primitive")
                if (each.get("provider"), each.get("type")) == ("pacemaker", "remote")
            }
        return sorted(found - {""})

    def resource(self, kind: str) -> Element | None:
        """Return the first resource of the agent ocf:pacemaker-os:`kind`, or None."""
        resources = self._xml(CIBADMIN, "--query", "--scope", "resources")
        for each in resources.iter("primitive") if resources is not None else ():
            if (each.get("provider"), each.get("type")) == ("pacemaker-os", kind):
                return each
        return None

    def parameters(self, kind: str) -> dict[str, str]:
        """Return the parameters of the first resource of an agent; none if there is no such resource."""
        found = self.resource(kind)
        pairs = found.iterfind("instance_attributes/nvpair") if found is not None else ()
        return {pair.get("name", ""): pair.get("value", "") for pair in pairs}

    def restart_nova_compute(self, node: str) -> None:
        """Make Pacemaker restart nova-compute on a node, as after a failure."""
        found = self.resource("nova-compute")
        if found is not None:
            name = found.get("id", "")
            self._do(CRM_RESOURCE, "--fail", "--resource", name, "--node", node)

    def devices(self, kind: str) -> set[str]:
        """Return the names of the fencing devices with the agent `kind`."""
        resources = self._xml(CIBADMIN, "--query", "--scope", "resources")
        found = resources.iter("primitive") if resources is not None else ()
        return {
            each.get("id", "") for each in found if (each.get("class"), each.get("type")) == ("stonith", kind)
        }

    def levels(self) -> list[dict[str, str]]:
        """Return the XML attributes of all fencing levels."""
        topology = self._xml(CIBADMIN, "--query", "--scope", "fencing-topology")
        return (
            [dict(level.items()) for level in topology.iter("fencing-level")] if topology is not None else []
        )
