"""Read the CIB and the status within seconds even if a daemon of the node does not answer."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.gather import NO_QUERY, ask_node, own_name
from pacemaker_os.cluster.observe.monitor import run_crm_mon, run_crm_mon_without_daemons
from pacemaker_os.cluster.store import cibadmin
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, CommandTimeout, TransportError
from pacemaker_os.status.health.health import Health
from pacemaker_os.status.health.node_facts import read_node_facts
from pacemaker_os.text import abbreviate

#: Time after which the daemons are checked that a query or crm_mon waits for, in seconds.
QUICK, QUICK_MONITOR = 0.8, 1.2

#: Time in which pacemaker-based must answer then, with the connection, in seconds.
_CHECK = 1.0

#: Daemons that crm_mon waits for.
_NEEDED = {"pacemakerd", "pacemaker-based", "pacemaker-fenced"}


def read_cib(cluster: Cluster) -> Snapshot:
    """Return the CIB. Raises ClusterError soon if pacemaker-based on the node does not answer."""
    if not cluster.live:
        return cluster.query()
    try:
        data = cibadmin.query(cluster.transport, timeout=QUICK)
    except CommandTimeout:
        _check_based(cluster)
        return cluster.query()
    return Snapshot.of(data, file=f"the CIB of {cluster.name}")


def _check_based(cluster: Cluster) -> None:
    try:
        response, _ = ask_node(cluster.transport, NO_QUERY, (), _CHECK)
    except TransportError:
        return
    facts = read_node_facts(cluster.name, response, {})
    based = next((each for each in facts.daemons if each.name == "pacemaker-based"), None)
    if based is None or based.answers or not based.runs:
        return
    why = " (it is stopped by a signal)" if based.stopped else ""
    names = response["sections"].get("nodes", [])
    own = own_name(cluster.target, names)
    others = [name for name in names if name != own]
    remedy = (
        f"connect to another node ({abbreviate(others)})" if own and others else "connect to another node"
    )
    if based.stopped:
        remedy += ", and run `pkill -CONT -x pacemaker-based` on this one"
    raise ClusterError(
        f"cannot read the CIB through {cluster.name}: pacemaker-based does not answer there{why}; {remedy}",
        code="no-answer",
    )


def quick_monitor(cluster: Cluster) -> etree._Element | None:
    """Return the output of crm_mon, or none if it takes long on a running cluster. Raises ClusterError."""
    if not cluster.live:
        return run_crm_mon(cluster)
    try:
        return run_crm_mon(cluster, timeout=QUICK_MONITOR)
    except CommandTimeout:
        return None


def monitor(
    cluster: Cluster, cib: etree._Element, quick: etree._Element | None, health: Callable[[], Health]
) -> etree._Element:
    """Return the output of crm_mon. Without an answer of the daemons that it needs, evaluate the CIB alone.

    Raises ClusterError.
    """
    if quick is not None:
        return quick
    own = health().own
    if own is not None and not own.why and not _NEEDED & {each.name for each in own.silent}:
        return run_crm_mon(cluster)
    return run_crm_mon_without_daemons(cluster, cib)
