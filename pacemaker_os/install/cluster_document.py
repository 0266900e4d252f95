"""The cluster document, which grows with each wave of a deployment and is applied like any other."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator

from pacemaker_os.cluster import Cluster
from pacemaker_os.cluster.apply.apply import apply_plan
from pacemaker_os.cluster.apply.outcome import ApplyOptions, Outcome
from pacemaker_os.cluster.apply.wait import watch
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.cluster.planning.planner import Prepared, prepare_document
from pacemaker_os.cluster.store.secrets import SecretValues
from pacemaker_os.document import Source, read
from pacemaker_os.errors import ClusterError
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.context.recorder import CLOUD, DeployFailed
from pacemaker_os.install.rollout.partial_services import (
    already_configured,
    limited_to_ready_hosts,
    resource_ids,
)
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.document import cluster_document
from pacemaker_os.openstack.service import Service
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.status.failures import Failure

#: Timeout for the cluster to settle after an apply, in seconds: a database and a broker on slow disks.
_TIMEOUT = 900.0


def apply_services(
    context: DeployContext, services: Iterable[Service], nodes: Collection[str], title: str
) -> None:
    """Add services on these nodes to the cluster, and wait until they run. Raises DeployFailed."""
    cluster, selected = context.cluster(), {service.name for service in services}
    recorder, inventory = context.recorder, context.inventory
    existing = configured_ids(cluster)
    is_first = inventory.is_complete is None
    if inventory.is_complete is None:
        inventory.is_complete = _is_complete(context, cluster, existing)
    ids: set[str] = set().union(
        *(resource_ids(each) for each in ordered(context.cloud.services) if each.name in selected)
    )
    # The cause of an earlier failed start may be fixed by now. If it is not, the start fails again.
    failed = _clean_up(cluster, ids)
    prepared = None
    if not inventory.is_complete:
        prepared = _prepare(context, cluster, _current_services(context, selected, nodes, existing))
    if prepared is not None and not prepared.plan.is_empty:
        with recorder.step(CLOUD, f"start {title}"):
            problems = _apply(context, cluster, prepared, ids)
        recorder.record_change(CLOUD, f"cluster document (changes: {len(prepared.plan.changes)})")
        if problems:
            # Many services that start at the same time on a busy machine can time out; retry the failed ones.
            failed = _clean_up(cluster, ids)
            if not failed:
                raise DeployFailed(f"{CLOUD}: start {title} failed: {'; '.join(problems)}")
    elif is_first or not inventory.is_complete:
        # An earlier deployment may have been interrupted between writing the CIB and waiting.
        _wait_for_pending_start(context, cluster, ids, title)
    if failed:
        with recorder.step(CLOUD, f"start {', '.join(failed)} again"):
            _wait_until_settled(cluster, ids)


def _current_services(
    context: DeployContext, selected: Collection[str], nodes: Collection[str], existing: Collection[str]
) -> Iterator[Service]:
    """Yield the selected services, and the configured parts of others, so that nothing is removed."""
    ready = {*nodes, *(node.name for node in context.deployment.remotes if node.name in existing)}
    for service in ordered(context.cloud.services):
        if service.name in selected:
            yield limited_to_ready_hosts(context.cloud, service, ready)
        elif resource_ids(service) & set(existing):
            yield limited_to_ready_hosts(context.cloud, already_configured(service, existing), ready)


def _is_complete(context: DeployContext, cluster: Cluster, existing: Collection[str]) -> bool:
    """Return whether the cluster has the complete configuration; then no part of it needs a plan."""
    required = [resource_ids(service) for service in ordered(context.cloud.services)]
    remotes = {node.name for node in context.deployment.remotes}
    started = all(ids & set(existing) for ids in required if ids) and remotes <= set(existing)
    return started and _prepare(context, cluster, ordered(context.cloud.services)).plan.is_empty


def _clean_up(cluster: Cluster, ids: Collection[str]) -> list[str]:
    """Clear the failures of resources so that Pacemaker retries them; return those that had failed.

    Past degraded results of running services are cleared as well, but are not failures.
    """
    failures = [failure for failure in read_status(cluster).failures if failure.resource in ids]
    for resource in sorted({failure.resource for failure in failures}):
        cluster.transport.run(["crm_resource", "--cleanup", "--resource", resource])
    return sorted({failure.resource for failure in failures if not failure.degraded})


def write_document(context: DeployContext) -> None:
    """Write the complete cluster document next to the topology, for `pcs-os plan` and `pcs-os check`."""
    text = cluster_document(context.cloud, ordered(context.cloud.services))
    if not context.document.is_file() or context.document.read_text(encoding="utf-8") != text:
        context.document.write_text(text, encoding="utf-8")


def plan_document(context: DeployContext) -> Prepared:
    """Plan the complete cluster document. Raises ClusterError."""
    return _prepare(context, context.cluster(), ordered(context.cloud.services))


def configured_ids(cluster: Cluster) -> set[str]:
    """Return the IDs of all resources in the CIB."""
    resources = cluster.query().cib.find("configuration/resources")
    return {str(each.get("id")) for each in resources.iter()} if resources is not None else set()


def _prepare(context: DeployContext, cluster: Cluster, services: Iterable[Service]) -> Prepared:
    text = cluster_document(context.cloud, tuple(services))
    document = read([Source(str(context.document), text)])
    return prepare_document(cluster, document, PlanOptions(), SecretValues(context.secrets))


def _apply(context: DeployContext, cluster: Cluster, prepared: Prepared, ids: Collection[str]) -> list[str]:
    """Apply a plan; return the problems of the resources `ids`."""
    options, values = ApplyOptions(timeout=_TIMEOUT), SecretValues(context.secrets)
    outcome = apply_plan(cluster, prepared, options, lambda event: None, values=values)
    return list(_problems(outcome, ids))


def _wait_for_pending_start(
    context: DeployContext, cluster: Cluster, ids: Collection[str], title: str
) -> None:
    """Wait for pending actions of the cluster, if there are any."""
    if next(watch(cluster)).remaining:
        with context.recorder.step(CLOUD, f"wait for {title}"):
            _wait_until_settled(cluster, ids)


def _wait_until_settled(cluster: Cluster, ids: Collection[str]) -> None:
    """Wait until the cluster has settled. Raises ClusterError if one of the resources failed again."""
    begin = time.monotonic()
    for progress in watch(cluster):
        if progress.settled or progress.stalled or time.monotonic() - begin > _TIMEOUT:
            break
    failures = list(_describe(each for each in read_status(cluster).failures if each.resource in ids))
    if failures:
        raise ClusterError("; ".join(failures), code="not-started")


def _problems(outcome: Outcome, ids: Collection[str]) -> Iterator[str]:
    """Describe what went wrong in an apply, with the exit reasons of the agents."""
    yield from _describe(each for each in outcome.verdict.failures if each.resource in ids)
    for service in outcome.verdict.stopped:
        yield f"{service} is stopped"
    for action in outcome.verdict.blocked:
        yield f"cannot {action.verb} {action.resource}: {action.reason}"
    if outcome.settled is False:
        pending = ", ".join(outcome.remaining[:6]) or "unknown"
        yield f"the cluster did not settle; still pending: {pending}"


def _describe(failures: Iterable[Failure]) -> Iterator[str]:
    """Describe failures. A degraded service still runs and has not failed."""
    for failure in failures:
        if not failure.degraded:
            reason = failure.reason or failure.status or "no exit reason"
            yield f"{failure.resource} {failure.task} failed on {failure.node}: {reason}"
