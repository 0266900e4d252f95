"""Sets of nodes that may be lost, each with the quorum of the rest; those that are alike put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lxml import etree

from pacemaker_os.cib.tree.fencing import connections, hosts
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.survival.equivalent_nodes import EquivalentNodes
from pacemaker_os.plan.survival.quorum import Votes


@dataclass(frozen=True, slots=True)
class NodeFailure:
    """Nodes that fail at once, with the votes and the quorum of the rest, and the losses that are like it."""

    nodes: tuple[str, ...]
    left: int
    total: int
    quorum: bool
    equivalent: tuple[tuple[str, ...], ...] = ()


def node_failures(
    cib: etree._Element, now: Simulation, count: int, votes: Votes, stand_ins: Iterable[EquivalentNodes] = ()
) -> list[NodeFailure]:
    """Every set of `count` nodes, cluster nodes and remote ones, those that are alike put together.

    `stand_ins` are remote nodes that stand for others, which are not in the `<cib>`: of a single loss those
    are named as well.
    """
    members = [node.name for node in now.nodes if node.kind == "member" and node.online]
    # Guest nodes are no machines: they are lost with the node that runs them.
    distant = connections(cib)
    remotes = [node.name for node in now.nodes if node.name in distant and node.online]
    marks = {name: str(_mark(cib, now, name)) for name in members}
    kinds = {name: each for each in stand_ins for name in each.representatives}
    marks |= {name: f"remote {kinds[name].representatives if name in kinds else name}" for name in remotes}
    found: dict[tuple[object, ...], list[tuple[str, ...]]] = {}
    for nodes in combinations([*members, *remotes], count):
        left = _others(members, nodes)
        key = (votes.of(left), votes.quorate(left), *sorted(marks[name] for name in nodes))
        found.setdefault(key, []).append(nodes)
    if count == 1:
        for alike in found.values():
            if (kind := kinds.get(alike[0][0])) is not None:
                alike += [(name,) for name in kind.others]
    return [_loss(first, alike, votes, _others(members, first)) for first, *alike in found.values()]


def _others(members: Sequence[str], lost: Sequence[str]) -> list[str]:
    return [name for name in members if name not in lost]


def _loss(nodes: tuple[str, ...], alike: list[tuple[str, ...]], votes: Votes, left: list[str]) -> NodeFailure:
    return NodeFailure(nodes, votes.of(left), votes.total, votes.quorate(left), tuple(alike))


def _mark(cib: etree._Element, now: Simulation, name: str) -> tuple[object, ...]:
    """What makes a node different from others: its attributes, the constraints on it, and what runs there."""
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
    # A device for each node alone is no difference between nodes.
    return (
        tuple(sorted(map(str, pairs))),
        tuple(sorted(map(str, constraints))),
        tuple(sorted(running)),
        len(fencing),
        tuple(sorted(map(str, levels))),
    )


def summary(checked: Mapping[NodeFailure, Sequence[object]]) -> tuple[int, int]:
    """How many losses were looked at in all (alike ones included), and how many of them do harm."""
    weight = {loss: 1 + len(loss.equivalent) for loss in checked}
    return sum(weight.values()), sum(weight[loss] for loss, found in checked.items() if found)
