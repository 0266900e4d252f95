"""The actions of the scheduler, as `crm_simulate --run --output-as=xml` reports them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lxml import etree

from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.messages import Message
from pacemaker_os.plan.prediction.running import (
    NodeState,
    ResourceState,
    read_containers,
    read_nodes,
    read_resources,
)
from pacemaker_os.plan.prediction.transition import Transition

#: Verbs after which the resource runs on `node`.
_RUNS_AFTER = {"start", "move", "migrate", "recover", "restart", "reload", "promote", "demote", "re-promote"}

#: The beginning of the reason for an operation that never runs.
LOOP = "order loop: "

#: The reason for a stop on all but one of the nodes where a resource is active.
SEVERAL_NODES = "it is active on several nodes"

#: The operations of a restart or a move, each with the node that it runs on.
_STOP_AND_START = (("demote", "source"), ("stop", "source"), ("start", "node"), ("promote", "node"))

#: The operations that each verb may consist of, in their order.
_OPERATIONS = {
    "start": (("start", "node"),),
    "stop": (("demote", "source"), ("stop", "source")),
    "restart": _STOP_AND_START,
    "recover": _STOP_AND_START,
    "move": _STOP_AND_START,
    "migrate": (("migrate_to", "source"), ("migrate_from", "node")),
    "promote": (("start", "node"), ("promote", "node")),
    "demote": (("demote", "source"),),
    "re-promote": (("demote", "source"), ("promote", "node")),
}


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the scheduler.

    `verb` is the scheduler's own term in lower case (start, stop, restart, reload, recover, move, migrate,
    promote, demote, re-promote) or, for a node, `fence` with the `role` reboot, off or on. `source` and
    `node` are the nodes before and after; they are equal if the resource stays. A `blocked` action is
    required, but something prevents it. `loop` are the resources of an order loop that the action waits for.
    """

    verb: str
    resource: str
    node: str
    source: str
    role: str = ""
    reason: str = ""
    blocked: bool = False
    loop: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """The identity of the action, regardless of its reason."""
        return self.verb, self.resource, self.source, self.node, self.role


@dataclass(frozen=True, slots=True)
class Simulation:
    """A state of the cluster, the actions that the scheduler takes in it, and its opinion of the CIB.

    `containers` are the groups, clones and bundles that the scheduler knows, including empty ones.
    """

    nodes: tuple[NodeState, ...]
    resources: tuple[ResourceState, ...]
    actions: tuple[Action, ...]
    messages: tuple[Message, ...] = ()
    containers: frozenset[str] = frozenset()

    @property
    def acts(self) -> bool:
        """Whether the scheduler takes an action."""
        return any(not action.blocked for action in self.actions)

    @classmethod
    def read(
        cls,
        result: etree._Element,
        *,
        state_tag: str = "cluster_status",
        transition: Transition | None = None,
    ) -> Simulation:
        """Read a result of crm_simulate.

        `state_tag` is the element with the state: that before the actions, or after them
        (`revised_cluster_status`). With the `transition`, actions that never run are recognized.
        """
        status = result.find(state_tag)
        parent = result if status is None else status
        actions = [action for each in result.iterfind("actions/*") if (action := _action(each))]
        if transition is not None:
            unlisted = list(_unlisted_stops(actions, transition))
            actions = [_as_executed(action, transition) for action in actions]
            actions += unlisted
        return cls(
            read_nodes(parent), read_resources(parent), tuple(actions), containers=read_containers(parent)
        )


#: Maximum number of transitions until a simulated cluster is settled. Resources on remote nodes, or after a
#: promotion, may start one transition later. Some simulated clusters never settle: a simulation does not
#: record that a node was unfenced, for example.
TRANSITIONS = 4

#: A cluster in which nothing runs and no actions are pending.
NOTHING = Simulation((), (), ())


def _unlisted_stops(actions: Iterable[Action], transition: Transition) -> Iterator[Action]:
    """Yield the stops in the transition that the scheduler does not list.

    Of a resource that is active on several nodes, it lists only the restart on the node where it stays.
    """
    stopping = ("stop", "restart", "recover", "move", "migrate")
    listed = {(action.resource, action.source) for action in actions if action.verb in stopping}
    for each in transition.completed:
        if each.name == "stop" and not each.is_pseudo and (each.instance, each.node) not in listed:
            yield Action("stop", each.instance, "", each.node, reason=SEVERAL_NODES)


def _as_executed(action: Action, transition: Transition) -> Action:
    """Return an action as far as it runs: without its start, a move or a restart is a stop.

    A promotion that is not possible still starts the instance.
    """
    if action.blocked:
        starts = action.verb == "promote" and transition.runs(action.resource, "start", action.node)
        return (
            replace(action, verb="start", source="", role="Unpromoted", blocked=False) if starts else action
        )
    nodes = {"node": action.node, "source": action.source}
    operations = [(name, nodes[which]) for name, which in _OPERATIONS.get(action.verb, ())]
    last, loop = transition.obstacle(action.resource, operations)
    if not loop:
        return action
    reason = f"{LOOP}{' after '.join(loop)}"
    match last:
        case "":
            return replace(action, blocked=True, reason=reason, loop=loop)
        case "demote":
            found = replace(action, verb="demote", node=action.source, role="Unpromoted")
        case "start":
            verb, source = ("start", "") if action.verb == "promote" else (action.verb, action.source)
            found = replace(action, verb=verb, source=source, role="Unpromoted")
        case _:
            found = replace(action, verb="stop", node="", role="")
    return replace(found, reason=reason, loop=loop)


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
