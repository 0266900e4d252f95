"""What the scheduler would do, as `crm_simulate --run --output-as=xml` says it."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pacemaker_os.plan.prediction.running import NodeState, ResourceState, read_nodes, read_resources

#: Verbs after which the resource runs on `node`, in the scheduler's words.
_ENDS_ON = {"start", "move", "migrate", "recover", "restart", "reload", "promote", "demote", "re-promote"}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that the scheduler would do.

    `verb` is its own word in lower case (start, stop, restart, reload, recover, move, migrate, promote,
    demote, re-promote) or, for a node, `fence` with `role` telling which way (reboot, off, on).
    `source` and `node` are where it is and where it will be; the same where it stays.
    `blocked`: wanted, but something forbids it.
    """

    verb: str
    resource: str
    node: str
    source: str
    role: str = ""
    reason: str = ""
    blocked: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What makes two actions the same action, whatever reason is given."""
        return self.verb, self.resource, self.source, self.node, self.role


@dataclass(frozen=True, slots=True)
class Simulation:
    """What runs now, and what would be done."""

    nodes: tuple[NodeState, ...]
    resources: tuple[ResourceState, ...]
    actions: tuple[Action, ...]

    @classmethod
    def read(cls, result: etree._Element, *, place: str = "cluster_status") -> Simulation:
        """Read a result of crm_simulate: what ran before, or (`revised_cluster_status`) what would after."""
        status = result.find(place)
        around = result if status is None else status
        actions = (_action(element) for element in result.iterfind("actions/*"))
        return cls(read_nodes(around), read_resources(around), tuple(action for action in actions if action))


#: Of a cluster in which nothing runs and nothing would be done.
NOTHING = Simulation((), (), ())


def _action(element: etree._Element) -> Action | None:
    match element.tag:
        case "node_action":
            task = element.get("task", "")
            how = task.partition("(")[2].rstrip(")")
            node = element.get("node", "").split(" ")[0]
            verb = "fence" if task.startswith("Fence") else task.lower()
            return Action(verb, "", node, node, how, element.get("reason", ""))
        case "rsc_action":
            return _resource_action(element)
        case _:
            return None


def _resource_action(element: etree._Element) -> Action:
    verb = element.get("action", "")
    node, source, dest = (element.get(name, "") for name in ("node", "source", "dest"))
    ends = dest or (node or source if verb in _ENDS_ON else "")
    begins = source or ("" if verb == "start" else node)
    return Action(
        verb=verb,
        resource=element.get("resource", ""),
        node=ends,
        source=begins,
        role=element.get("next-role", element.get("role", "")),
        reason=element.get("reason", ""),
        blocked=element.get("blocked") == "true",
    )
