"""The status of a cluster, as `crm_mon` reports it."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.store.cib_data import plain_file
from pacemaker_os.cluster.store.file import only_this_file
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.prediction.running import ResourceState, read_resources
from pacemaker_os.status.failures import Failure, read_failures

_CRM_MON = ("crm_mon", "--one-shot", "--output-as=xml", "--inactive")


@dataclass(frozen=True, slots=True)
class Status:
    """The resources and failures that an apply is verified by; `read_state` returns the complete state."""

    resources: tuple[ResourceState, ...] = ()
    failures: tuple[Failure, ...] = ()


def read_status(cluster: Cluster) -> Status:
    """Return the current resources and failures. Raises ClusterError."""
    result = run_crm_mon(cluster)
    return Status(read_resources(result), read_failures(result))


def run_crm_mon(cluster: Cluster) -> etree._Element:
    """Return the XML output of crm_mon, also for a CIB file. Raises ClusterError."""
    path = cluster.store.path
    if path is None:
        done = cluster.transport.run(_CRM_MON, ok=())
    else:
        with plain_file(path) as file:
            done = cluster.transport.run(_CRM_MON, env=only_this_file(file), ok=())
    try:
        result = etree.fromstring(done.stdout)
    except etree.XMLSyntaxError:
        result = None
    if done.status == 0 and result is not None:
        return result
    messages = [*(result.itertext("error") if result is not None else ()), done.error_text]
    detail = "; ".join(" ".join(text.split()) for text in messages if text.strip()) or "no error output"
    remedy = "check that Pacemaker is running" if cluster.live else "check that the file is a CIB"
    failed = f"crm_mon failed with exit status {done.status} ({detail})"
    message = f"cannot read the status of {cluster.name}: {failed}; {remedy}"
    raise ClusterError(message, code="no-cluster")
