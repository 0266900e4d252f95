"""The actions of the scheduler, as `crm_simulate --run --output-as=xml` reports them."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pacemaker_os.plan.prediction.messages import Message
from pacemaker_os.plan.prediction.running import NodeState, ResourceState, read_nodes, read_resources

#: Verbs after which the resource runs on `node`.
_RUNS_AFTER = {"start", "move", "migrate", "recover", "restart", "reload", "promote", "demote", "re-promote"}


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the scheduler.

    `verb` is the scheduler's own term in lower case (start, stop, restart, reload, recover, move, migrate,
    promote, demote, re-promote) or, for a node, `fence` with the `role` reboot, off or on. `source` and
    `node` are the nodes before and after; they are equal if the resource stays. A `blocked` action is
    required, but something prevents it.
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
        """The identity of the action, regardless of its reason."""
        return self.verb, self.resource, self.source, self.node, self.role


@dataclass(frozen=True, slots=True)
class Simulation:
    """A state of the cluster, the actions that the scheduler takes in it, and its opinion of the CIB."""

    nodes: tuple[NodeState, ...]
    resources: tuple[ResourceState, ...]
    actions: tuple[Action, ...]
    messages: tuple[Message, ...] = ()

    @classmethod
    def read(cls, result: etree._Element, *, state_tag: str = "cluster_status") -> Simulation:
        """Read a result of crm_simulate.

        `state_tag` is the element with the state: that before the actions, or after them
        (`revised_cluster_status`).
        """
        status = result.find(state_tag)
        parent = result if status is None else status
        actions = (_action(element) for element in result.iterfind("actions/*"))
        return cls(read_nodes(parent), read_resources(parent), tuple(action for action in actions if action))


#: A cluster in which nothing runs and no actions are pending.
NOTHING = Simulation((), (), ())


def _action(element: etree._Element) -> Action | None:
    match element.tag:
        case "node_action":
            task = element.get("task", "")
            fencing_action = task.partition("(")[2].rstrip(")")
            node = element.get("node", "").split(" ")[0]
            verb = "fence" if task.startswith("Fence") else task.lower()
            return Action(verb, "", node, node, fencing_action, element.get("reason", ""))
        case "rsc_action":
            return _resource_action(element)
        case _:
            return None


def _resource_action(element: etree._Element) -> Action:
    verb = element.get("action", "")
    node, source, dest = (element.get(name, "") for name in ("node", "source", "dest"))
    return Action(
        verb=verb,
        resource=element.get("resource", ""),
        node=dest or (node or source if verb in _RUNS_AFTER else ""),
        source=source or ("" if verb == "start" else node),
        role=element.get("next-role", element.get("role", "")),
        reason=element.get("reason", ""),
        blocked=element.get("blocked") == "true",
    )
