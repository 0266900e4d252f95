"""The status of a cluster, as `crm_mon` reports it."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.store.cib_data import plain_file
from pacemaker_os.cluster.store.file import only_this_file
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.prediction.running import ResourceState, read_resources
from pacemaker_os.status.failures import Failure, read_failures
from pacemaker_os.transport.base import TIMEOUT, Result

_CRM_MON = ("crm_mon", "--one-shot", "--output-as=xml", "--inactive")

#: Runs a command on a copy of standard input as the CIB, which only its owner can read.
_ON_COPY = """
file=$(mktemp --tmpdir pcs-os.XXXXXXXX) || exit
trap 'rm -f -- "$file"' EXIT
cat >"$file" && CIB_file="$file" "$@"
"""


@dataclass(frozen=True, slots=True)
class Status:
    """The resources and failures that an apply is verified by; `read_state` returns the complete state."""

    resources: tuple[ResourceState, ...] = ()
    failures: tuple[Failure, ...] = ()


def read_status(cluster: Cluster) -> Status:
    """Return the current resources and failures. Raises ClusterError."""
    result = run_crm_mon(cluster)
    return Status(read_resources(result), read_failures(result))


def run_crm_mon(cluster: Cluster, *, timeout: float = TIMEOUT) -> etree._Element:
    """Return the XML output of crm_mon, also for a CIB file. Raises ClusterError, CommandTimeout."""
    path = cluster.store.path
    if path is None:
        done = cluster.transport.run(_CRM_MON, ok=(), timeout=timeout)
    else:
        with plain_file(path) as file:
            done = cluster.transport.run(_CRM_MON, env=only_this_file(file), ok=())
    return _read(cluster, done)


def run_crm_mon_without_daemons(cluster: Cluster, cib: etree._Element) -> etree._Element:
    """Return the XML output of crm_mon for a CIB of a running cluster, without its fencing history.

    crm_mon otherwise waits for pacemakerd and the fencer. Raises ClusterError.
    """
    done = cluster.transport.run(["sh", "-c", _ON_COPY, "sh", *_CRM_MON], input=etree.tostring(cib), ok=())
    return _read(cluster, done)


def _read(cluster: Cluster, done: Result) -> etree._Element:
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
