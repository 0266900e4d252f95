"""Simulation of a node failure, to report its impact on the services of a cluster."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.survival.node_failures import NodeFailure
from pacemaker_os.plan.survival.quorum import read_votes
from pacemaker_os.status.impact import Impact, impacts


def predict_impacts(cluster: Cluster, cib: etree._Element, failed: Sequence[str]) -> list[Impact]:
    """Return the impact on every affected service of a `<cib>` when the nodes `failed` fail together.

    Raises ClusterError when there is no scheduler, or for an unknown node.
    """
    scheduler = cluster.require_scheduler("predict the impact of a node failure")
    before = scheduler.run(cib)
    known = [node.name for node in before.nodes]
    for name in failed:
        if name not in known:
            message = f"unknown node '{name}'; the cluster has {', '.join(known) or 'no nodes'}"
            raise ClusterError(message, code="unknown-node")
    members = [node for node in before.nodes if node.kind == "member"]
    left = [node.name for node in members if node.online and node.name not in failed]
    # A CIB file does not include corosync's vote settings: every node counts as one vote.
    vote_settings = cluster.transport.run(["corosync-cmapctl"]).text if cluster.live else ""
    votes = read_votes(vote_settings, [node.name for node in members])
    failure = NodeFailure(tuple(failed), votes.of(left), votes.total, votes.quorate(left))
    after = scheduler.simulate_failure(cib, failed, quorum=failure.quorum)
    return impacts(cib, before, after, failure)
