"""What a cluster says of itself: `crm_mon`, asked once and in one way for everybody who wants to know."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.store.file import only_this_file
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.prediction.running import ResourceState, read_resources
from pacemaker_os.status.failures import Failure, read_failures

_CRM_MON = ("crm_mon", "--one-shot", "--output-as=xml", "--inactive")


@dataclass(frozen=True, slots=True)
class Status:
    """What runs and what failed: what a change is judged by. cluster.state has everything else."""

    resources: tuple[ResourceState, ...] = ()
    failures: tuple[Failure, ...] = ()


def read_status(cluster: Cluster) -> Status:
    """Look at what runs and what failed. Raises ClusterError."""
    result = ask(cluster)
    return Status(read_resources(result), read_failures(result))


def ask(cluster: Cluster) -> etree._Element:
    """What crm_mon says as XML, of a CIB on disk as well. Raises ClusterError."""
    store = cluster.store
    environment = None if store.path is None else only_this_file(store.path)
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
