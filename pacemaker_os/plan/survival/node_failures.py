"""Combinations of node failures to simulate. Equivalent combinations are simulated once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from lxml import etree

from pacemaker_os.cib.tree.fencing import connections, hosts
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.survival.equivalent_nodes import EquivalentNodes
from pacemaker_os.plan.survival.quorum import Votes


@dataclass(frozen=True, slots=True)
class NodeFailure:
    """Nodes that fail at the same time.

    `left` of `total` votes remain, which is a `quorum` or not. `equivalent` are combinations of nodes whose
    failure has the same result.
    """

    nodes: tuple[str, ...]
    left: int
    total: int
    quorum: bool
    equivalent: tuple[tuple[str, ...], ...] = ()


def node_failures(
    cib: etree._Element,
    now: Simulation,
    count: int,
    votes: Votes,
    equivalent_nodes: Iterable[EquivalentNodes] = (),
) -> list[NodeFailure]:
    """Return the failures of `count` cluster nodes or remote nodes, each with its equivalent failures.

    The `<cib>` contains only the representatives of `equivalent_nodes`. A failure of a single representative
    also lists the other nodes of its kind.
    """
    members = [node.name for node in now.nodes if node.kind == "member" and node.online]
    # A guest node fails together with the node that runs it.
    remote_connections = connections(cib)
    remotes = [node.name for node in now.nodes if node.name in remote_connections and node.online]
    signatures = {name: str(_signature(cib, now, name)) for name in members}
    kinds = {name: each for each in equivalent_nodes for name in each.representatives}
    signatures |= {
        name: f"remote {kinds[name].representatives if name in kinds else name}" for name in remotes
    }
    found: dict[tuple[object, ...], list[tuple[str, ...]]] = {}
    for nodes in combinations([*members, *remotes], count):
        remaining = _others(members, nodes)
        key = (
            votes.of(remaining),
            votes.quorate(remaining),
            *sorted(signatures[name] for name in nodes),
        )
        found.setdefault(key, []).append(nodes)
    if count == 1:
        for equivalent in found.values():
            if (kind := kinds.get(equivalent[0][0])) is not None:
                equivalent += [(name,) for name in kind.others]
    return [
        _node_failure(first, equivalent, votes, _others(members, first))
        for first, *equivalent in found.values()
    ]


def _others(members: Sequence[str], failed: Sequence[str]) -> list[str]:
    return [name for name in members if name not in failed]


def _node_failure(
    nodes: tuple[str, ...], equivalent: list[tuple[str, ...]], votes: Votes, remaining: list[str]
) -> NodeFailure:
    return NodeFailure(nodes, votes.of(remaining), votes.total, votes.quorate(remaining), tuple(equivalent))


def _signature(cib: etree._Element, now: Simulation, name: str) -> tuple[object, ...]:
    """Return what distinguishes a node: its attributes, constraints, fencing, and running resources."""
    node = next((n for n in cib.iterfind("configuration/nodes/node") if n.get("uname") == name), None)
    pairs = [] if node is None else [(p.get("name"), p.get("value")) for p in node.iter("nvpair")]
    constraints = [
        (c.get("rsc") or c.get("id"), c.get("score"), c.get("role"))
        for c in cib.iterfind("configuration/constraints/rsc_location")
        if c.get("node") == name or any(e.get("value") == name for e in c.iter("expression"))
    ]
    running = [(state.id.split(":")[0], state.role) for state in now.resources if name in state.nodes]
    fencing = [
        device.get("id")
        for device in cib.iterfind("configuration/resources//primitive[@class='stonith']")
        if name in hosts(device)
    ]
    levels = [
        (level.get("index"), str(level.get("devices")).count(","))
        for level in cib.iterfind("configuration/fencing-topology/fencing-level")
        if level.get("target") == name
    ]
    # Nodes that each have a device of their own do not differ.
    return (
        tuple(sorted(map(str, pairs))),
        tuple(sorted(map(str, constraints))),
        tuple(sorted(running)),
        len(fencing),
        tuple(sorted(map(str, levels))),
    )


def summary(outcomes: Mapping[NodeFailure, Sequence[object]]) -> tuple[int, int]:
    """Return the number of failures, including equivalent ones, and how many of them disrupt a service."""
    weight = {failure: 1 + len(failure.equivalent) for failure in outcomes}
    disrupting = sum(weight[failure] for failure, found in outcomes.items() if found)
    return sum(weight.values()), disrupting
