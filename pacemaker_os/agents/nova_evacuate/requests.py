"""What is written into the cluster: which nodes were fenced and are not yet accounted for.

One permanent attribute of a node, `nova-evacuation`, in the CIB: it is on every controller's disk before
the fencing agent reports success, and outlives all of them being switched off at once. While it is there,

- the engine evacuates the node's instances, whoever was fenced and whenever the engine was started;
- a location rule keeps nova-compute from running on the node, so that no instance is woken twice.

Every function asks Pacemaker's own programs, and raises Failure when they do not answer.
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

#: The permanent attribute: the request's name.
ATTRIBUTE = "nova-evacuation"
#: The transient attribute that the nova-compute agent sets while nova-compute runs on its node: since when.
RUNS = "nova-compute-runs"
#: The transient attribute in which it names the instances that crashed there.
CRASHED = "nova-crashed"
#: The transient attribute in which the engine tells what only it knows; never written to the CIB.
ENGINE_REPORT = "nova-evacuation-told"

CIBADMIN = "/usr/sbin/cibadmin"
CRM_ATTRIBUTE = "/usr/sbin/crm_attribute"
ATTRD_UPDATER = "/usr/sbin/attrd_updater"
CRM_RESOURCE = "/usr/sbin/crm_resource"
CRM_NODE = "/usr/sbin/crm_node"
CRM_MON = "/usr/sbin/crm_mon"

#: crm_exit_t CRM_EX_NOSUCH; and ENXIO, which older programs pass on.
NOTHING = (105, 6)


#: The variable in which Pacemaker's programs take a CIB that is a file, without a cluster.
CIB_FILE = "CIB_file"

#: Seconds that one of Pacemaker's programs may take.
PROGRAM = 20.0


def chosen() -> dict[str, str]:
    """What of our environment Pacemaker's programs need: the CIB that is a file, if one is named."""
    return {name: value for name, value in os.environ.items() if name == CIB_FILE}


def ask(argv: Sequence[str]) -> Result:
    """Run a program of Pacemaker's."""
    from pacemaker_os.ocf.command import run

    return run(argv, Deadline(PROGRAM), environ=chosen())


def new_name() -> str:
    """The name of a new request: the moment in UTC, and something that no other has."""
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.urandom(2).hex()}"


@dataclass(frozen=True, slots=True)
class Runs:
    """Since when nova-compute runs on a node, and the node itself, in seconds since 1970; 0 is not known."""

    began: float = 0.0
    booted: float = 0.0


def runs(said: str) -> Runs:
    """What the agent nova-compute wrote: BEGAN-BOOTED."""
    times = [float(word) if word.isdigit() else 0.0 for word in said.split("-")]
    return Runs(*times[:2])


class Requests:
    """The requests of a cluster. `ask` runs a command and returns its Result."""

    def __init__(self, ask: Callable[[Sequence[str]], Result]) -> None:
        self._ask = ask

    def _do(self, *argv: str, accept: tuple[int, ...] = ()) -> str:
        """Run a program and return what it prints; nothing when it ends with a status of `accept`."""
        result = self._ask(argv)
        if result.status and result.status not in accept:
            raise Failure(f"Pacemaker does not answer: {argv[0].rpartition('/')[2]}: {result.error_line}")
        return result.stdout if not result.status else ""

    def _xml(self, *argv: str) -> Element | None:
        from xml.etree import ElementTree

        text = self._do(*argv, accept=NOTHING)
        return ElementTree.fromstring(text) if text.strip() else None  # noqa: S314  # our own cluster's

    def open(self) -> dict[str, str]:
        """The name of the request of each node that has one."""
        nodes = self._xml(CIBADMIN, "--query", "--scope", "nodes")
        found = {}
        for node in nodes.iterfind("node") if nodes is not None else ():
            for pair in node.iterfind("instance_attributes/nvpair"):
                if pair.get("name") == ATTRIBUTE and pair.get("value"):
                    found[node.get("uname", "")] = pair.get("value", "")
        return found

    def of(self, node: str) -> str:
        """The name of a node's request; empty when it has none."""
        return self._do(*self._at(node), "--query", "--quiet", "--default", "", accept=NOTHING).strip()

    def record(self, node: str) -> str:
        """Write a request for a node, unless there is one; its name. It is durable when this returns."""
        name = self.of(node)
        if not name:
            name = new_name()
            self._do(*self._at(node), "--update", name)
            if self.of(node) != name:
                raise Failure(f"the request for {node} was not kept by the cluster")
        return name

    def close(self, node: str) -> None:
        """Forget a node's request: its instances are accounted for, and nova-compute may run there."""
        self._do(*self._at(node), "--delete", accept=NOTHING)

    def _at(self, node: str) -> tuple[str, ...]:
        return (CRM_ATTRIBUTE, "--node", node, "--lifetime", "forever", "--name", ATTRIBUTE)

    def _transient(self, name: str) -> dict[str, str]:
        """The values of a transient attribute by node; a CIB that is a file has none."""
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
        """The nodes on which Pacemaker has nova-compute running, and since when."""
        return {node: runs(said) for node, said in self._transient(RUNS).items()}

    def crashed(self) -> dict[str, list[str]]:
        """The instances that crashed, by the node that they crashed on."""
        return {node: uuids.split() for node, uuids in self._transient(CRASHED).items()}

    def tell(self, words: str) -> None:
        """Let every node know what this engine says; no words take back what it said."""
        if CIB_FILE not in os.environ:
            what = ("--update", words) if words else ("--delete",)
            self._do(ATTRD_UPDATER, "--name", ENGINE_REPORT, *what, "--private", accept=UNSET)

    def told(self) -> list[str]:
        """What engines say."""
        return list(self._transient(ENGINE_REPORT).values())

    def online(self) -> frozenset[str]:
        """The nodes that are there, remote ones too."""
        said = self._xml(CRM_MON, "--one-shot", "--output-as=xml", "--include=none,nodes")
        nodes = said.iterfind("nodes/node") if said is not None else ()
        return frozenset(node.get("name", "") for node in nodes if node.get("online") == "true")

    def quorate(self) -> bool:
        """Whether this node is on the side that may act. A CIB that is a file has no other side."""
        if CIB_FILE in os.environ:
            return True
        return self._do(CRM_NODE, "--quorum").strip() == "1"

    def remote_nodes(self) -> list[str]:
        """Every remote node, whether it is there or not."""
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
        """The first resource of one of our agents."""
        resources = self._xml(CIBADMIN, "--query", "--scope", "resources")
        for each in resources.iter("primitive") if resources is not None else ():
            if (each.get("provider"), each.get("type")) == ("pacemaker-os", kind):
                return each
        return None

    def parameters(self, kind: str) -> dict[str, str]:
        """The parameters of the first resource of one of our agents; none when there is no such resource."""
        found = self.resource(kind)
        pairs = found.iterfind("instance_attributes/nvpair") if found is not None else ()
        return {pair.get("name", ""): pair.get("value", "") for pair in pairs}

    def start_again(self, node: str) -> None:
        """Have Pacemaker stop and start nova-compute on a node, as if it had failed there."""
        found = self.resource("nova-compute")
        if found is not None:
            name = found.get("id", "")
            self._do(CRM_RESOURCE, "--fail", "--resource", name, "--node", node)

    def devices(self, kind: str) -> set[str]:
        """The names of the fencing devices of one agent."""
        resources = self._xml(CIBADMIN, "--query", "--scope", "resources")
        found = resources.iter("primitive") if resources is not None else ()
        return {
            each.get("id", "") for each in found if (each.get("class"), each.get("type")) == ("stonith", kind)
        }

    def levels(self) -> list[dict[str, str]]:
        """The fencing topology: the XML attributes of every level."""
        topology = self._xml(CIBADMIN, "--query", "--scope", "fencing-topology")
        return (
            [dict(level.items()) for level in topology.iter("fencing-level")] if topology is not None else []
        )
