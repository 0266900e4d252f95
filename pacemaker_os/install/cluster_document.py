"""The cluster's document, growing with the deployment, and applied as `pcs-os apply` does."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator

from pacemaker_os.cluster import Cluster
from pacemaker_os.cluster.apply.apply import ApplyOptions, Outcome, apply_plan
from pacemaker_os.cluster.apply.wait import watch
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.cluster.planning.planner import Prepared, prepare_document
from pacemaker_os.cluster.store.secrets import SecretValues
from pacemaker_os.document import Source, read
from pacemaker_os.errors import ClusterError
from pacemaker_os.install.context.context import CLOUD, DeployFailed, Run
from pacemaker_os.install.rollout.partial_services import already_there, ids_of, on_ready_hosts
from pacemaker_os.openstack.catalogue import ordered
from pacemaker_os.openstack.document import cluster_document
from pacemaker_os.openstack.service import Service
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.failures import Failure

#: Seconds that the cluster may take to start what an apply added: a database and a bus on slow disks.
_TIMEOUT = 900.0


def apply_services(run: Run, services: Iterable[Service], nodes: Collection[str], title: str) -> None:
    """Let the cluster run these services on these nodes, besides all that it runs already."""
    cluster, chosen = run.cluster(), {service.name for service in services}
    there = running_ids(cluster)
    first = run.is_whole is None
    if run.is_whole is None:
        run.is_whole = _is_whole(run, cluster, there)
    ids = set().union(*(ids_of(service) for service in ordered(run.cloud.services) if service.name in chosen))
    # What made a start fail the last time is mended by now, or fails again and is told.
    failed = _clean_up(cluster, ids)
    prepared = None if run.is_whole else _prepared(run, cluster, _growing(run, chosen, nodes, there))
    if prepared is not None and not prepared.plan.is_empty:
        with run.step(CLOUD, f"start {title}"):
            complaints = _carry_out(run, cluster, prepared, ids)
        run.note_change(CLOUD, f"the cluster's document ({len(prepared.plan.changes)} changes)")
        if complaints:
            # Thirty services that start at once on a busy machine: a second time they are fewer.
            failed = _clean_up(cluster, ids)
            if not failed:
                raise DeployFailed(f"{CLOUD}: start {title}: {'; '.join(complaints)}")
    elif first or not run.is_whole:
        # An earlier deployment may have been cut off between writing and waiting.
        _wait_for_what_was_begun(run, cluster, ids, title)
    if failed:
        with run.step(CLOUD, f"start {', '.join(failed)} again"):
            _wait_for_rest(cluster, ids)


def _growing(
    run: Run, chosen: Collection[str], nodes: Collection[str], there: Collection[str]
) -> Iterator[Service]:
    """The chosen services, and what there is of others: a second deployment must not take the cloud down."""
    ready = {*nodes, *(node.name for node in run.deployment.remotes if node.name in there)}
    for service in ordered(run.cloud.services):
        if service.name in chosen:
            yield on_ready_hosts(run.cloud, service, ready)
        elif ids_of(service) & set(there):
            yield on_ready_hosts(run.cloud, already_there(service, there), ready)


def _is_whole(run: Run, cluster: Cluster, there: Collection[str]) -> bool:
    """Whether the cluster's configuration has everything already: then no part of it needs to be planned."""
    needed = [ids_of(service) for service in ordered(run.cloud.services)]
    remotes = {node.name for node in run.deployment.remotes}
    begun = all(ids & set(there) for ids in needed if ids) and remotes <= set(there)
    return begun and plan_whole(run).plan.is_empty


def _clean_up(cluster: Cluster, ids: Collection[str]) -> list[str]:
    """Let Pacemaker forget the failures of some resources, so that it tries again; return which.

    What runs and was less than well for a moment is forgotten as well, and nothing waits for it.
    """
    failures = [failure for failure in read_status(cluster).failures if failure.resource in ids]
    for resource in sorted({failure.resource for failure in failures}):
        cluster.transport.run(["crm_resource", "--cleanup", "--resource", resource])
    return sorted({failure.resource for failure in failures if not failure.degraded})


def write_document(run: Run) -> None:
    """Keep the document of the whole cloud beside its topology, for `pcs-os plan` and `pcs-os check`."""
    text = cluster_document(run.cloud, ordered(run.cloud.services))
    if not run.document.is_file() or run.document.read_text(encoding="utf-8") != text:
        run.document.write_text(text, encoding="utf-8")


def plan_whole(run: Run) -> Prepared:
    """What is between the cluster and the document of the whole cloud. Raises ClusterError."""
    return _prepared(run, run.cluster(), ordered(run.cloud.services))


def running_ids(cluster: Cluster) -> set[str]:
    """The ids of everything that the cluster's configuration holds."""
    resources = cluster.query().cib.find("configuration/resources")
    return {str(each.get("id")) for each in resources.iter()} if resources is not None else set()


def _prepared(run: Run, cluster: Cluster, services: Iterable[Service]) -> Prepared:
    text = cluster_document(run.cloud, tuple(services))
    document = read([Source(str(run.document), text)])
    return prepare_document(cluster, document, PlanOptions(), SecretValues(run.secrets))


def _carry_out(run: Run, cluster: Cluster, prepared: Prepared, ids: Collection[str]) -> list[str]:
    """Write a plan and see it through; return what did not come to run of these resources."""
    outcome = apply_plan(
        cluster, prepared, ApplyOptions(timeout=_TIMEOUT), lambda news: None, values=SecretValues(run.secrets)
    )
    return list(_complaints(outcome, ids))


def _wait_for_what_was_begun(run: Run, cluster: Cluster, ids: Collection[str], title: str) -> None:
    """Wait for what the cluster has yet to start, if it has."""
    if next(watch(cluster)).remaining:
        with run.step(CLOUD, f"wait for {title}"):
            _wait_for_rest(cluster, ids)


def _wait_for_rest(cluster: Cluster, ids: Collection[str]) -> None:
    """Wait for what was cleaned up to start. Raises ClusterError when it fails again."""
    begin = time.monotonic()
    for progress in watch(cluster):
        if progress.settled or progress.stalled or time.monotonic() - begin > _TIMEOUT:
            break
    failures = list(_failures(each for each in read_status(cluster).failures if each.resource in ids))
    if failures:
        raise ClusterError("; ".join(failures), code="not-started")


def _complaints(outcome: Outcome, ids: Collection[str]) -> Iterator[str]:
    """What the cluster made of it, in the agents' own words."""
    yield from _failures(each for each in outcome.verdict.failures if each.resource in ids)
    for service in outcome.verdict.stopped:
        yield f"{service} does not run"
    for action in outcome.verdict.blocked:
        yield f"{action.verb} {action.resource} is blocked: {action.reason}"
    if outcome.settled is False:
        yield f"the cluster did not come to rest; left to do: {', '.join(outcome.remaining[:6]) or 'unknown'}"


def _failures(found: Iterable[Failure]) -> Iterator[str]:
    """What failed; a service that runs and says that it is less than well has not."""
    for failure in found:
        if not failure.degraded:
            words = failure.reason or failure.status or "it gave no reason"
            yield f"{failure.resource} {failure.task} on {failure.node}: {words}"
