"""What a cluster says of itself: `crm_mon` once, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.file import FileStore, only_this_file
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan import stage
from pacemaker_os.plan.running import (
    Failure,
    NodeState,
    ResourceState,
    read_failures,
    read_nodes,
    read_resources,
)


@dataclass(frozen=True, slots=True)
class Status:
    """One look at a cluster. `dc` is empty when there is none; `options` are what crm_mon names of them."""

    nodes: tuple[NodeState, ...]
    resources: tuple[ResourceState, ...]
    failures: tuple[Failure, ...]
    dc: str
    version: str
    quorum: bool
    maintenance: bool
    fencing: bool


def look(cluster: Cluster) -> Status:
    """Ask `crm_mon` (for a CIB on disk, what that file says). Raises ClusterError."""
    argv = ["crm_mon", "--one-shot", "--output-as=xml", "--inactive"]
    store = cluster.store
    environment = only_this_file(store.path) if isinstance(store, FileStore) else None
    done = cluster.transport.run(argv, env=environment, ok=())
    try:
        result = etree.fromstring(done.stdout)
    except etree.XMLSyntaxError:
        result = None
    if done.status or result is None:
        words = [*(result.itertext("error") if result is not None else ()), done.error_text.strip()]
        said = "; ".join(word.strip() for word in words if word.strip()) or "it said nothing"
        message = (
            f"{cluster.name}: the cluster cannot be looked at; is Pacemaker running? (crm_mon said: {said})"
        )
        raise ClusterError(message, code="no-cluster")
    status = _status(result)
    if cluster.live or stage.has_status(cluster.query().cib):
        return status
    # In a file without a status nobody has looked: crm_mon calls such nodes unclean.
    return replace(status, nodes=tuple(replace(node, state="unknown") for node in status.nodes))


def _status(result: etree._Element) -> Status:
    dc = result.find("summary/current_dc")
    options = result.find("summary/cluster_options")
    present = dc is not None and dc.get("present") == "true"
    return Status(
        nodes=read_nodes(result),
        resources=read_resources(result),
        failures=read_failures(result),
        dc=str(dc.get("name", "")) if dc is not None and present else "",
        version=str(dc.get("version", "")) if dc is not None and present else "",
        quorum=dc is not None and dc.get("with_quorum") == "true",
        maintenance=options is not None and options.get("maintenance-mode") == "true",
        fencing=options is not None
        and "true" in (options.get("stonith-enabled"), options.get("fencing-enabled")),
    )
