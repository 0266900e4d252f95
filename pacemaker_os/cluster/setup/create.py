"""Make a cluster of nodes that are none yet; finish one that is half made; leave a whole one alone."""

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

#: Seconds between two looks while nodes come online.
_PAUSE = 0.3


def create_cluster(topology: Topology, progress: Progress, *, timeout: float = 120.0) -> bool:
    """Make `topology` a running cluster, and say whether anything had to be done.

    `timeout` is the time in seconds that the started nodes have to come online with quorum.
    Raises ClusterError when a node belongs to another cluster, NotSettled when nodes do not come online.
    """
    with progress.step(f"look at {_count(topology.nodes)}"):
        facts = gather_facts(topology)
    reject_foreign_nodes(topology, facts)
    made = [fact for fact in facts if is_member(topology, fact.conf)]
    first = facts[0].transport
    fresh = len(made) < len(facts)
    if fresh:
        _refuse_half(topology, facts, made)
        set_up(topology, facts, progress, again=bool(made))
    token = None if fresh else _other_token(topology, facts)
    if token is not None:
        with progress.step(f"set the token timeout to {token} ms"):
            pcs.set_token(first, token)
    if not fresh and set(topology.names) <= online_nodes(first):
        return token is not None
    with progress.step("start corosync and Pacemaker"):
        if not any(fact.running or fact.has_cib for fact in made):
            run_parallel(lambda fact: put_first_cib(fact.transport), facts)
        run_parallel(lambda fact: pcs.start_and_enable(fact.transport), facts)
    with progress.step("wait for every node to be online, with quorum"):
        wait_online(first, topology.names, timeout)
    drop_short_election(first)
    return True


def set_up(topology: Topology, facts: Sequence[NodeFacts], progress: Progress, *, again: bool) -> None:
    """Give the nodes their account, their trust in each other, and their corosync.conf."""
    first = facts[0].transport
    with progress.step("let the nodes know each other"):
        authenticate(topology, facts, first)
    with progress.step(f"set up the cluster '{topology.name}'"):
        pcs.set_up(first, topology, again=again)


def authenticate(topology: Topology, facts: Sequence[NodeFacts], first: Transport) -> None:
    """Give hacluster a new password on the nodes of `facts`, and let `first` sign on to them with it."""
    password = Secret(secrets.token_urlsafe(24))
    run_parallel(lambda fact: pcs.set_password(fact.transport, password), facts)
    pcs.authenticate(first, [fact.node for fact in facts], password)


def is_member(topology: Topology, conf: CorosyncConf | None) -> bool:
    """Whether `conf` is that of this cluster with exactly these nodes at these addresses."""
    if conf is None or conf.cluster != topology.name:
        return False
    there = {member.name: member.addresses for member in conf.members}
    return there == {node.name: node.addresses for node in topology.nodes}


def reject_foreign_nodes(topology: Topology, facts: Sequence[NodeFacts]) -> None:
    """Refuse nodes of other clusters, and a cluster of this name whose nodes are others than these."""
    for fact in facts:
        conf = fact.conf
        if conf is None or conf.is_example or is_member(topology, conf):
            continue
        if conf.cluster != topology.name:
            raise ClusterError(
                f"node '{fact.node.name}' belongs to the cluster '{conf.cluster}'; "
                "take it out there first, or run `pcs cluster destroy` on it",
                code="other-cluster",
            )
        there = ", ".join(f"{member.name} ({' '.join(member.addresses)})" for member in conf.members)
        raise ClusterError(
            f"the cluster '{conf.cluster}' on node '{fact.node.name}' has these nodes: {there}; "
            "use `pcs-os cluster add-node` or `remove-node` to change them",
            code="other-members",
        )


def wait_online(transport: Transport, names: Sequence[str], timeout: float) -> None:
    """Wait until all `names` are online in a partition with quorum."""
    deadline = time.monotonic() + timeout
    while missing := set(names) - online_nodes(transport):
        if time.monotonic() > deadline:
            raise NotSettled(
                f"after {timeout:g} s these nodes are not online: {', '.join(sorted(missing))}; "
                "look at `journalctl -u corosync -u pacemaker` there"
            )
        time.sleep(_PAUSE)


def _refuse_half(topology: Topology, facts: Sequence[NodeFacts], made: Sequence[NodeFacts]) -> None:
    """Setting up again wipes the nodes: only where no cluster has lived yet."""
    lived = [fact.node.name for fact in made if fact.running or fact.has_cib]
    if lived:
        lost = ", ".join(fact.node.name for fact in facts if fact not in made)
        raise ClusterError(
            f"the cluster '{topology.name}' lives on {', '.join(lived)}, but {lost} lost its corosync.conf; "
            f"run `pcs cluster sync` on {lived[0]}, then this again",
            code="half-a-cluster",
        )


def _other_token(topology: Topology, facts: Sequence[NodeFacts]) -> int | None:
    """Return the token timeout that is wanted, when a node has another."""
    there = {fact.conf.token for fact in facts if fact.conf}
    return None if there == {topology.token} else topology.token


def _count(nodes: Sequence[object]) -> str:
    return "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
