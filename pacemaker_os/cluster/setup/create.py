"""Create a cluster, or complete one that was only partly created."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

from pacemaker_os.cluster.setup import pcs
from pacemaker_os.cluster.setup.corosync import CorosyncConf
from pacemaker_os.cluster.setup.facts import NodeFacts, gather_facts, online_nodes
from pacemaker_os.cluster.setup.first_cib import drop_short_election, put_first_cib
from pacemaker_os.cluster.setup.progress import Progress
from pacemaker_os.cluster.setup.topology import Topology
from pacemaker_os.errors import ClusterError, NotSettled
from pacemaker_os.parallel import run_parallel
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

#: Time between two polls while nodes come online, in seconds.
_INTERVAL = 0.3


def create_cluster(topology: Topology, progress: Progress, *, timeout: float = 120.0) -> bool:
    """Create the cluster of a topology, and return whether anything was changed.

    `timeout` is the time, in seconds, in which the started nodes must be online with quorum.
    Raises ClusterError when a node is a member of another cluster, NotSettled when the timeout expires.
    """
    with progress.step(f"gather facts on {_count(topology.nodes)}"):
        facts = gather_facts(topology)
    reject_foreign_nodes(topology, facts)
    configured = [fact for fact in facts if is_member(topology, fact.conf)]
    first = facts[0].transport
    fresh = len(configured) < len(facts)
    if fresh:
        _reject_half_cluster(topology, facts, configured)
        set_up(topology, facts, progress, again=bool(configured))
    token = None if fresh else _other_token(topology, facts)
    if token is not None:
        with progress.step(f"set the token timeout to {token} ms"):
            pcs.set_token(first, token)
    if not fresh and set(topology.names) <= online_nodes(first):
        return token is not None
    with progress.step("start corosync and Pacemaker"):
        if not any(fact.running or fact.has_cib for fact in configured):
            run_parallel(lambda fact: put_first_cib(fact.transport), facts)
        run_parallel(lambda fact: pcs.start_and_enable(fact.transport), facts)
    with progress.step("wait until all nodes are online with quorum"):
        wait_online(first, topology.names, timeout)
    drop_short_election(first)
    return True


def set_up(topology: Topology, facts: Sequence[NodeFacts], progress: Progress, *, again: bool) -> None:
    """Authenticate the nodes to each other, and distribute corosync.conf."""
    first = facts[0].transport
    with progress.step("authenticate the nodes to each other"):
        authenticate(topology, facts, first)
    with progress.step(f"set up the cluster '{topology.name}'"):
        pcs.set_up(first, topology, again=again)


def authenticate(topology: Topology, facts: Sequence[NodeFacts], first: Transport) -> None:
    """Set a new password for hacluster on the nodes of `facts`, and authenticate `first` to them."""
    password = Secret(secrets.token_urlsafe(24))
    run_parallel(lambda fact: pcs.set_password(fact.transport, password), facts)
    pcs.authenticate(first, [fact.node for fact in facts], password)


def is_member(topology: Topology, conf: CorosyncConf | None) -> bool:
    """Return whether `conf` describes this cluster with exactly these nodes and addresses."""
    if conf is None or conf.cluster != topology.name:
        return False
    existing = {member.name: member.addresses for member in conf.members}
    return existing == {node.name: node.addresses for node in topology.nodes}


def reject_foreign_nodes(topology: Topology, facts: Sequence[NodeFacts]) -> None:
    """Raise ClusterError for members of another cluster, and for a cluster of this name with other nodes."""
    for fact in facts:
        conf = fact.conf
        if conf is None or conf.is_example or is_member(topology, conf):
            continue
        if conf.cluster != topology.name:
            raise ClusterError(
                f"node '{fact.node.name}' is already a member of cluster '{conf.cluster}'; "
                "remove it from that cluster, or run `pcs cluster destroy` on it",
                code="other-cluster",
            )
        existing = ", ".join(f"{member.name} ({' '.join(member.addresses)})" for member in conf.members)
        raise ClusterError(
            f"cluster '{conf.cluster}' on node '{fact.node.name}' has other nodes: {existing}; "
            "to change them, use `pcs-os cluster add-node` or `remove-node`",
            code="other-members",
        )


def wait_online(transport: Transport, names: Sequence[str], timeout: float) -> None:
    """Wait until all nodes are online in a partition with quorum. Raises NotSettled at the timeout."""
    deadline = time.monotonic() + timeout
    while missing := set(names) - online_nodes(transport):
        if time.monotonic() > deadline:
            raise NotSettled(
                f"these nodes did not come online within {timeout:g} s: {', '.join(sorted(missing))}; "
                "on each node, check `journalctl -u corosync -u pacemaker`"
            )
        time.sleep(_INTERVAL)


def _reject_half_cluster(
    topology: Topology, facts: Sequence[NodeFacts], configured: Sequence[NodeFacts]
) -> None:
    """Raise ClusterError if a node has a CIB, because another setup would delete it on all nodes."""
    active = [fact.node.name for fact in configured if fact.running or fact.has_cib]
    if active:
        missing = ", ".join(fact.node.name for fact in facts if fact not in configured)
        raise ClusterError(
            f"cluster '{topology.name}' exists on {', '.join(active)}, but {missing} has no corosync.conf; "
            f"run `pcs cluster sync` on {active[0]}, and then this command again",
            code="incomplete-cluster",
        )


def _other_token(topology: Topology, facts: Sequence[NodeFacts]) -> int | None:
    """Return the desired token timeout if a node has another one, else None."""
    existing = {fact.conf.token for fact in facts if fact.conf}
    return None if existing == {topology.token} else topology.token


def _count(nodes: Sequence[object]) -> str:
    return "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
