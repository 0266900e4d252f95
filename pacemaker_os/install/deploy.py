"""A deployment, from a topology file to a running cloud."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.install.changes.describe import PendingChange, describe_changes
from pacemaker_os.install.cluster_document import plan_document
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.context.recorder import CLOUD, DeployFailed, EventHandler, Recorder
from pacemaker_os.install.hosts.gather import gather_all_facts, pending_host_changes
from pacemaker_os.install.jobs.service_jobs import pending_jobs
from pacemaker_os.install.nodes.log import logged
from pacemaker_os.install.phases.actions import ACTIONS
from pacemaker_os.install.phases.names import PHASES
from pacemaker_os.install.restarts.outdated import needed_restarts
from pacemaker_os.install.rollout.waves import infrastructure, openstack
from pacemaker_os.install.topology.contact import connect_nodes
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.install.topology.secrets_file import load_secrets, save_secrets, secrets_path
from pacemaker_os.install.topology.topology_file import load_deployment
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.secret_names import secret_names
from pacemaker_os.parallel import run_parallel
from pacemaker_os.text import did_you_mean


@dataclass(frozen=True, slots=True)
class DeployResult:
    """Result of a deployment: its changes, as `NODE: WHAT`, and its duration in seconds.

    `report` contains addresses and files that the operator needs next.
    """

    changed: tuple[str, ...]
    seconds: float
    report: tuple[tuple[str, str], ...]


@contextmanager
def open_deployment(
    path: str, on_event: EventHandler, *, keep_secrets: bool, only: tuple[str, ...] = ()
) -> Iterator[DeployContext]:
    """Read a topology and connect to its nodes, without any change to them.

    Missing secrets are generated, and saved with `keep_secrets`. `only` limits the deployment to these
    services. Raises InputError.
    """
    deployment = _with_ordered_services(load_deployment(path))
    for name in only:
        if name not in deployment.cloud.services:
            hint = did_you_mean(name, deployment.cloud.services)
            message = f"unknown service '{name}' in this topology{hint}"
            raise InputError([Problem(path, 0, 0, message, "unknown-service")])
    file = secrets_path(path)
    names = (*secret_names(deployment.cloud), *_fencing_secrets(deployment))
    secrets, missing = load_secrets(file, names)
    transports = connect_nodes(deployment)
    if missing and keep_secrets:
        save_secrets(file, secrets)
    logs = Path(path).with_name(f"{Path(path).stem}.logs")
    context = DeployContext(
        deployment=deployment,
        secrets=secrets,
        transports={node: logged(each, logs, node, secrets.values()) for node, each in transports.items()},
        recorder=Recorder(on_event, logs),
        only=only,
    )
    try:
        yield context
    finally:
        run_parallel(lambda transport: transport.close(), transports.values())


def run_deployment(context: DeployContext, *, start: str | None = None) -> DeployResult:
    """Run the phases, from `start` on. Raises DeployFailed at the first failure."""
    begin = time.monotonic()
    with _deployment_lock(context.recorder.logs):
        for phase in _phases_from(start):
            context.recorder.phase = phase
            ACTIONS[phase](context)
    seconds = time.monotonic() - begin
    return DeployResult(tuple(context.recorder.changes), seconds, tuple(_report(context)))


def check_deployment(context: DeployContext) -> list[PendingChange]:
    """Return the pending changes of all hosts and of the cluster, without making them."""
    context.recorder.phase = PHASES[0]
    gather_all_facts(context)
    cloud, inventory = context.cloud, context.inventory
    found: list[PendingChange] = []
    for node, facts in inventory.facts.items():
        found += describe_changes(pending_host_changes(context, node), facts, context.secrets.values())
    services = (*infrastructure(cloud.services), *openstack(cloud.services))
    for stage in ("prepare", "finish"):
        found += [
            PendingChange(job.host, "job", f"{job.service}: {job.name}", "is pending")
            for job in pending_jobs(context, services, stage)
        ]
    if not all(inventory.facts[node].member for node in context.controllers):
        return [
            *found,
            PendingChange(CLOUD, "cluster", cloud.name, "does not exist on all controllers"),
        ]
    found += [
        PendingChange(each.node, "restart", each.resource, f"is pending because {each.changed_file} changed")
        for each in needed_restarts(cloud, inventory, cloud.services)
    ]
    plan = plan_document(context).plan
    if not plan.is_empty:
        found.append(PendingChange(CLOUD, "document", cloud.name, f"has {len(plan.changes)} pending changes"))
    return found


@contextmanager
def _deployment_lock(directory: Path) -> Iterator[None]:
    """Hold the lock of this topology. Raises DeployFailed if another deployment holds it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeployFailed(
                f"another deployment of this topology is running (lock file: {lock.name})"
            ) from None
        yield


def _phases_from(start: str | None) -> tuple[str, ...]:
    """Return the phases to run. The first one always runs, because all others need the facts."""
    if start is None:
        return PHASES
    index = PHASES.index(start)
    return PHASES if index == 0 else (PHASES[0], *PHASES[index:])


def _report(context: DeployContext) -> Iterator[tuple[str, str]]:
    """Yield the addresses and files that the operator needs next."""
    cloud = context.cloud
    scheme = "https" if cloud.settings.get("tls") == "yes" else "http"
    if "horizon" in cloud.services:
        yield "dashboard", f"{scheme}://{cloud.vip('horizon')}/horizon/"
    if "keystone" in cloud.services:
        yield "identity", f"{scheme}://{cloud.vip('keystone')}:5000/v3"
        yield "administrator", f"admin (password in {secrets_path(context.deployment.file)})"
    yield "document", str(context.document)
    yield "logs", str(context.recorder.logs)
    yield "to test the services", f"pcs-os deploy --verify {context.deployment.file}"


def _with_ordered_services(deployment: Deployment) -> Deployment:
    """Return the deployment with the dependencies of its services added, each before its dependents."""
    services = tuple(service.name for service in ordered(deployment.cloud.services))
    return replace(deployment, cloud=replace(deployment.cloud, services=services))


def _fencing_secrets(deployment: Deployment) -> tuple[str, ...]:
    values = [value for host in deployment.cloud.hosts for value in host.fencing.values()]
    return tuple(value.removeprefix("secret:") for value in values if value.startswith("secret:"))
