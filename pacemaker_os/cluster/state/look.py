"""One look at a cluster: what crm_mon says of it, its CIB, and what was applied, asked for at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.file import FileStore, only_this_file
from pacemaker_os.cluster.history import Record
from pacemaker_os.cluster.snapshot import Snapshot
from pacemaker_os.cluster.state.drift import read_drift, read_history
from pacemaker_os.cluster.state.findings import find
from pacemaker_os.cluster.state.holds import read_holds
from pacemaker_os.cluster.state.services import read_services
from pacemaker_os.cluster.state.trouble import read_failures, read_fencing, read_probes
from pacemaker_os.cluster.state.values import Node, State
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan import stage, tree

#: Flags of a node in the order of how much they matter; the first that holds says its state.
_FLAGS = ("unclean", "pending", "standby", "standby_onfail", "maintenance")

_CRM_MON = ("crm_mon", "--one-shot", "--output-as=xml", "--inactive")


def look(cluster: Cluster, before: State | None = None) -> State:
    """Look at a cluster. Raises ClusterError, TransportError.

    `before` is an earlier look: while the configuration is the same, so is what differs from documents.
    """
    with ThreadPoolExecutor(max_workers=3) as pool:
        seen = pool.submit(_ask, cluster)
        queried = pool.submit(cluster.query)
        records = pool.submit(read_history, cluster) if before is None else None
        snapshot = queried.result()
        if not snapshot.exists:
            raise ClusterError(f"{cluster.name}: there is no such file", code="no-such-file")
        result = seen.result()
        if before is not None and _still_known(before, snapshot):
            state = replace(_read(cluster, result, snapshot, ()), documents=before.documents)
        else:
            history = records.result() if records is not None else read_history(cluster)
            state = _read(cluster, result, snapshot, history)
    return replace(state, findings=tuple(find(state)))


def _still_known(before: State, snapshot: Snapshot) -> bool:
    """Whether the drift of an earlier look is that of this one: an apply is remembered a moment after it."""
    same = before.cib.rpartition(".")[0] == str(snapshot.version).rpartition(".")[0]
    return same and not any(drift.unknown for drift in before.documents)


def _ask(cluster: Cluster) -> etree._Element:
    """What crm_mon says, of a CIB on disk as well."""
    store = cluster.store
    environment = only_this_file(store.path) if isinstance(store, FileStore) else None
    done = cluster.transport.run(_CRM_MON, env=environment, ok=())
    try:
        result = etree.fromstring(done.stdout)
    except etree.XMLSyntaxError:
        result = None
    if done.status == 0 and result is not None:
        return result
    words = [*(result.itertext("error") if result is not None else ()), done.error_text]
    said = "; ".join(" ".join(word.split()) for word in words if word.strip()) or "it said nothing"
    advice = (
        "is Pacemaker running there?" if cluster.live else "is it a CIB of this Pacemaker or an older one?"
    )
    message = f"{cluster.name}: the cluster cannot be looked at; {advice} (crm_mon, {done.status}: {said})"
    raise ClusterError(message, code="no-cluster")


def _read(cluster: Cluster, result: etree._Element, snapshot: Snapshot, history: tuple[Record, ...]) -> State:
    cib = snapshot.cib
    dc, options = result.find("summary/current_dc"), result.find("summary/cluster_options")
    present = dc is not None and dc.get("present") == "true"
    known = cluster.live or stage.has_status(cib)
    services = read_services(result, tree.configuration(cib))
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
        nodes=tuple(_node(node, known=known) for node in result.iterfind("nodes/node[@online]")),
        services=services,
        failures=(*read_failures(result), *read_probes(cib, services)),
        fenced=read_fencing(result),
        holds=read_holds(cib, result),
        documents=read_drift(cib, history),
    )


def _node(element: etree._Element, *, known: bool) -> Node:
    """A node; in a file without a status nobody has looked, and crm_mon calls all of them unclean."""
    # A node that is lost is online for crm_mon until it is fenced, if its remains are in the status.
    online = element.get("online") == "true" and element.get("unclean") != "true"
    said = next((flag.replace("_onfail", "") for flag in _FLAGS if element.get(flag) == "true"), "")
    state = said or ("online" if online else "offline")
    return Node(
        name=element.get("name", ""),
        state=state if known else "unknown",
        online=online,
        kind=element.get("type", "member"),
        is_dc=element.get("is_dc") == "true",
        running=int(element.get("resources_running") or 0),
        by_failure=element.get("standby_onfail") == "true",
    )
