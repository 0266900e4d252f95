"""Take nodes into a running cluster, take them out, and end a cluster."""

from __future__ import annotations

from collections.abc import Sequence

from pacemaker_os.cluster.setup import pcs
from pacemaker_os.cluster.setup.create import authenticate, wait_online
from pacemaker_os.cluster.setup.facts import NodeFacts, gather_facts, online_nodes
from pacemaker_os.cluster.setup.progress import Progress
from pacemaker_os.cluster.setup.topology import Topology
from pacemaker_os.errors import ClusterError
from pacemaker_os.parallel import run_parallel


def add_nodes(topology: Topology, progress: Progress, *, timeout: float = 120.0) -> tuple[str, ...]:
    """Take the nodes of the topology that the cluster does not have yet into it; return their names.

    Raises ClusterError when the cluster does not run, or a node belongs to another one.
    """
    with progress.step("look at the nodes"):
        facts = gather_facts(topology)
    first = _running_member(topology, facts)
    assert first.conf is not None
    members = {member.name for member in first.conf.members}
    fresh = [fact for fact in facts if fact.node.name not in members]
    for fact in fresh:
        if fact.conf is not None and not fact.conf.is_example:
            raise ClusterError(
                f"node '{fact.node.name}' belongs to the cluster '{fact.conf.cluster}'; "
                "take it out there first, or run `pcs cluster destroy` on it",
                code="other-cluster",
            )
    if fresh:
        with progress.step("let the nodes know each other"):
            authenticate(topology, fresh, first.transport)
    for fact in fresh:
        with progress.step(f"add {fact.node.name}"):
            pcs.add_node(first.transport, fact.node)
    if fresh:
        with progress.step("wait for every node to be online, with quorum"):
            wait_online(first.transport, topology.names, timeout)
    return tuple(fact.node.name for fact in fresh)


def remove_nodes(topology: Topology, names: Sequence[str], progress: Progress) -> None:
    """Take nodes out of the cluster; a node that cannot be reached is taken out all the same."""
    stay = [node for node in topology.nodes if node.name not in names]
    if not stay:
        raise ClusterError("no node would be left: use `pcs-os cluster destroy`", code="last-node")
    with progress.step("look at the nodes that stay"):
        facts = gather_facts(Topology(name=topology.name, nodes=tuple(stay)))
    first = _running_member(topology, facts)
    assert first.conf is not None
    members = {member.name for member in first.conf.members}
    for name in names:
        if name not in members:
            raise ClusterError(
                f"the cluster '{topology.name}' has no node '{name}'; it has {', '.join(sorted(members))}",
                code="unknown-node",
            )
        online = name in online_nodes(first.transport)
        with progress.step(f"remove {name}"):
            pcs.remove_node(first.transport, name, reachable=online)


def destroy_cluster(topology: Topology, progress: Progress) -> tuple[str, ...]:
    """End the cluster on every node: its configuration and its resources' definitions are gone there."""
    with progress.step("look at the nodes"):
        facts = [fact for fact in gather_facts(topology) if fact.conf is not None]
    for fact in facts:
        if fact.conf and fact.conf.cluster != topology.name and not fact.conf.is_example:
            raise ClusterError(
                f"node '{fact.node.name}' belongs to the cluster '{fact.conf.cluster}'", code="other-cluster"
            )
    with progress.step(f"destroy the cluster '{topology.name}'"):
        run_parallel(lambda fact: pcs.destroy(fact.transport), facts)
    return tuple(fact.node.name for fact in facts)


def _running_member(topology: Topology, facts: Sequence[NodeFacts]) -> NodeFacts:
    for fact in facts:
        if fact.conf is not None and fact.conf.cluster == topology.name and fact.running:
            return fact
    raise ClusterError(
        f"the cluster '{topology.name}' runs on none of {', '.join(fact.node.name for fact in facts)}; "
        "make or start it by `pcs-os cluster create`",
        code="not-running",
    )
