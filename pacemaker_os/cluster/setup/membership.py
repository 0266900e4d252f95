"""Add nodes to a running cluster, remove nodes, and destroy a cluster."""

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
    """Add the nodes of the topology that are not members yet; return their names.

    Raises ClusterError when the cluster is not running, or a node is a member of another one.
    """
    with progress.step("gather facts on the nodes"):
        facts = gather_facts(topology)
    first = _running_member(topology, facts)
    assert first.conf is not None
    members = {member.name for member in first.conf.members}
    fresh = [fact for fact in facts if fact.node.name not in members]
    for fact in fresh:
        if fact.conf is not None and not fact.conf.is_example:
            raise ClusterError(
                f"node '{fact.node.name}' is already a member of cluster '{fact.conf.cluster}'; "
                "remove it from that cluster, or run `pcs cluster destroy` on it",
                code="other-cluster",
            )
    if fresh:
        with progress.step("authenticate the nodes to each other"):
            authenticate(topology, fresh, first.transport)
    for fact in fresh:
        with progress.step(f"add {fact.node.name}"):
            pcs.add_node(first.transport, fact.node)
    if fresh:
        with progress.step("wait until all nodes are online with quorum"):
            wait_online(first.transport, topology.names, timeout)
    return tuple(fact.node.name for fact in fresh)


def remove_nodes(topology: Topology, names: Sequence[str], progress: Progress) -> None:
    """Remove nodes from the cluster, including unreachable ones."""
    remaining = [node for node in topology.nodes if node.name not in names]
    if not remaining:
        raise ClusterError("cannot remove the last node; use `pcs-os cluster destroy`", code="last-node")
    with progress.step("gather facts on the remaining nodes"):
        facts = gather_facts(Topology(name=topology.name, nodes=tuple(remaining)))
    first = _running_member(topology, facts)
    assert first.conf is not None
    members = {member.name for member in first.conf.members}
    for name in names:
        if name not in members:
            raise ClusterError(
                f"unknown node '{name}'; cluster '{topology.name}' has {', '.join(sorted(members))}",
                code="unknown-node",
            )
        online = name in online_nodes(first.transport)
        with progress.step(f"remove {name}"):
            pcs.remove_node(first.transport, name, reachable=online)


def destroy_cluster(topology: Topology, progress: Progress) -> tuple[str, ...]:
    """Destroy the cluster: remove its configuration and its CIB from every node."""
    with progress.step("gather facts on the nodes"):
        facts = [fact for fact in gather_facts(topology) if fact.conf is not None]
    for fact in facts:
        if fact.conf and fact.conf.cluster != topology.name and not fact.conf.is_example:
            raise ClusterError(
                f"node '{fact.node.name}' is a member of cluster '{fact.conf.cluster}'", code="other-cluster"
            )
    with progress.step(f"destroy the cluster '{topology.name}'"):
        run_parallel(lambda fact: pcs.destroy(fact.transport), facts)
    return tuple(fact.node.name for fact in facts)


def _running_member(topology: Topology, facts: Sequence[NodeFacts]) -> NodeFacts:
    for fact in facts:
        if fact.conf is not None and fact.conf.cluster == topology.name and fact.running:
            return fact
    raise ClusterError(
        f"cluster '{topology.name}' is not running on {', '.join(fact.node.name for fact in facts)}; "
        "create or start it with `pcs-os cluster create`",
        code="not-running",
    )
