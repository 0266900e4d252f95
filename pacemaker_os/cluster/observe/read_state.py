"""One look at a cluster: what crm_mon says of it, its CIB, and what was applied, asked for at once."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.monitor import ask
from pacemaker_os.cluster.store.history import Record, read_history
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.running import NodeState, read_nodes
from pacemaker_os.status.drift import read_drift
from pacemaker_os.status.failure_history import read_fencing, read_probes
from pacemaker_os.status.failures import Failure, read_failures
from pacemaker_os.status.findings import find
from pacemaker_os.status.overrides import read_overrides
from pacemaker_os.status.services import read_services
from pacemaker_os.status.values import Node, Service, State


def read_state(cluster: Cluster, before: State | None = None) -> State:
    """Look at a cluster. Raises ClusterError, TransportError.

    `before` is an earlier look: while the configuration is the same, so is what differs from documents.
    """
    with ThreadPoolExecutor(max_workers=3) as pool:
        seen = pool.submit(ask, cluster)
        queried = pool.submit(cluster.query)
        records = pool.submit(_history, cluster) if before is None else None
        snapshot = queried.result()
        if not snapshot.exists:
            raise ClusterError(f"{cluster.name}: there is no such file", code="no-such-file")
        result = seen.result()
        if before is not None and _still_known(before, snapshot):
            state = replace(_read(cluster, result, snapshot, ()), documents=before.documents)
        else:
            history = records.result() if records is not None else _history(cluster)
            state = _read(cluster, result, snapshot, history)
    return replace(state, findings=tuple(find(state)))


def _history(cluster: Cluster) -> tuple[Record, ...]:
    """Return the apply history; without the records that cannot be read, their objects count as unknown."""
    try:
        return read_history(cluster.store, skip_invalid=True)
    except (TransportError, ClusterError):
        return ()


def _still_known(before: State, snapshot: Snapshot) -> bool:
    """Whether the drift of an earlier look is that of this one: an apply is remembered a moment after it."""
    same = before.cib.rpartition(".")[0] == str(snapshot.version).rpartition(".")[0]
    return same and not any(drift.unknown for drift in before.documents)


def _read(cluster: Cluster, result: etree._Element, snapshot: Snapshot, history: tuple[Record, ...]) -> State:
    cib = snapshot.cib
    dc, options = result.find("summary/current_dc"), result.find("summary/cluster_options")
    present = dc is not None and dc.get("present") == "true"
    known = cluster.live or simulated_status.has_status(cib)
    services, failures = read_services(result, content.configuration(cib)), read_failures(result)
    return State(
        cluster=cluster.name,
        live=cluster.live,
        when=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        version=dc.get("version", "").partition("-")[0] if dc is not None and present else "",
        cib=str(snapshot.version),
        dc=dc.get("name", "") if dc is not None and present else "",
        quorum=dc is not None and dc.get("with_quorum") == "true",
        fencing=options is not None
        and "true" in (options.get("stonith-enabled"), options.get("fencing-enabled")),
        devices=len(cib.findall("configuration/resources//primitive[@class='stonith']")),
        nodes=tuple(_node(node, known=known) for node in read_nodes(result)),
        services=_with_degraded(services, failures),
        failures=(*failures, *read_probes(cib, services)),
        fenced=read_fencing(result),
        overrides=read_overrides(cib, result),
        documents=read_drift(cib, (record.changes for record in reversed(history))),
    )


def _node(node: NodeState, *, known: bool) -> Node:
    """A node; in a file without a status nobody has looked, and crm_mon calls all of them unclean."""
    return Node(
        name=node.name,
        state=node.state if known else "unknown",
        # A node that is lost is online for crm_mon until it is fenced, if its remains are in the status.
        online=node.online and node.state != "unclean",
        kind=node.kind,
        is_dc=node.is_dc,
        running=node.resources,
        by_failure=node.by_failure,
    )


def _with_degraded(services: Iterable[Service], failures: Iterable[Failure]) -> tuple[Service, ...]:
    """The services, those marked whose monitors say that they are less than well."""
    poor = {failure.resource.split(":")[0] for failure in failures if failure.degraded}
    return tuple(
        replace(service, degraded=service.runs and not poor.isdisjoint((service.id, *service.parts)))
        for service in services
    )
