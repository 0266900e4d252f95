"""A deployment from a topology's file to a cloud: opened, checked without a change, or carried out."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

from pacemaker_os.cluster.setup.topology import TopologyNode
from pacemaker_os.errors import InputError, Problem, TransportError
from pacemaker_os.install.changes.host_changes import Change, described
from pacemaker_os.install.cluster_document import plan_whole
from pacemaker_os.install.context.context import CLOUD, DeployFailed, News, Run
from pacemaker_os.install.hosts import prepare as hosts
from pacemaker_os.install.jobs import service_jobs as services
from pacemaker_os.install.nodes.log import logged
from pacemaker_os.install.phases.phases import PHASES, Phase
from pacemaker_os.install.restarts.outdated import stale
from pacemaker_os.install.rollout.waves import infrastructure, openstack
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.install.topology.secrets_file import load_secrets, save_secrets, secrets_path
from pacemaker_os.install.topology.topology_file import load_deployment
from pacemaker_os.openstack import render
from pacemaker_os.openstack.brought import brought
from pacemaker_os.openstack.catalogue import ordered
from pacemaker_os.parallel import run_parallel
from pacemaker_os.text import did_you_mean
from pacemaker_os.transport.base import Transport

#: Seconds that a node may take to answer the first time.
_CONTACT = 30.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What a deployment did: every change, as `node: what`, and how long it took in seconds.

    `report` is what its operator wants to know now: what, and where.
    """

    changed: tuple[str, ...]
    seconds: float
    report: tuple[tuple[str, str], ...]


@contextmanager
def open_run(
    path: str, tell: Callable[[News], None], *, keep_secrets: bool, only: tuple[str, ...] = ()
) -> Iterator[Run]:
    """Read a topology and reach all its nodes; nothing on them is changed.

    Secrets that there are not yet are made, and kept with `keep_secrets`. `only` are services; none: all.
    Raises InputError.
    """
    deployment = load_deployment(path)
    cloud = replace(
        deployment.cloud, services=tuple(each.name for each in ordered(deployment.cloud.services))
    )
    for name in only:
        if name not in cloud.services:
            said = f"the topology has no service '{name}'{did_you_mean(name, cloud.services)}"
            raise InputError([Problem(path, 0, 0, said, "unknown-service")])
    file = secrets_path(path)
    names = (*render.secret_names(cloud), *_fencing_secrets(deployment))
    secrets, missing = load_secrets(file, names)
    transports = _reach(deployment)
    if missing and keep_secrets:
        save_secrets(file, secrets)
    logs = Path(path).with_name(f"{Path(path).stem}.logs")
    run = Run(
        deployment=deployment,
        cloud=cloud,
        secrets=secrets,
        transports={node: logged(each, logs, node, secrets.values()) for node, each in transports.items()},
        logs=logs,
        tell=tell,
        only=only,
    )
    try:
        yield run
    finally:
        run_parallel(lambda transport: transport.close(), transports.values())


def carry_out(run: Run, *, start: str | None = None) -> Ended:
    """Take the nodes through the phases, from `start` on. Raises DeployFailed at the first failure."""
    begin = time.monotonic()
    with _alone(run.logs):
        for phase in _phases(start):
            run.phase = phase.name
            phase.work(run)
    return Ended(tuple(run.changed), time.monotonic() - begin, tuple(_report(run)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the deployment's lock: two would undo each other. Raises DeployFailed when another has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeployFailed(f"another deployment of this topology runs (it holds {lock.name})") from None
        yield


def _report(run: Run) -> Iterator[tuple[str, str]]:
    """Where to go on from here."""
    scheme = "https" if run.cloud.settings.get("tls") == "yes" else "http"
    if "horizon" in run.cloud.services:
        yield "dashboard", f"{scheme}://{run.cloud.vip('horizon')}/horizon/"
    if "keystone" in run.cloud.services:
        yield "identity", f"{scheme}://{run.cloud.vip('keystone')}:5000/v3"
        yield "administrator", f"admin; the password is in {secrets_path(run.deployment.file)}"
    yield "document", str(run.document)
    yield "logs", str(run.logs)
    yield "to see that it serves", f"pcs-os deploy --verify {run.deployment.file}"


def check(run: Run) -> list[Change]:
    """What a deployment would change, without changing it."""
    run.phase = PHASES[0].name
    hosts.look_at_all(run)
    found: list[Change] = []
    for node, facts in run.facts.items():
        found += described(hosts.work_of(run, node), facts, run.secrets.values())
    chosen = (*infrastructure(run.cloud.services), *openstack(run.cloud.services))
    for when in ("prepare", "finish"):
        found += [
            Change(job.host, "job", f"{job.service}: {job.name}", "is not noted as done")
            for job in services.pending_jobs(run, chosen, when)
        ]
    if not all(run.facts[node].member for node in run.controllers):
        return [
            *found,
            Change(CLOUD, "cluster", run.cloud.name, "there is no cluster of these controllers yet"),
        ]
    found += [
        Change(each.node, "restart", each.resource, f"{each.because} is newer")
        for each in stale(run, run.cloud.services)
    ]
    plan = plan_whole(run).plan
    if not plan.is_empty:
        found.append(Change(CLOUD, "document", run.cloud.name, f"{len(plan.changes)} changes of the cluster"))
    return found


def _phases(start: str | None) -> Iterator[Phase]:
    """The phases to go through: the first one always, as it is what all others know."""
    begun = start is None
    for phase in PHASES:
        begun = begun or phase.name == start
        if begun or phase is PHASES[0]:
            yield phase


def _reach(deployment: Deployment) -> dict[str, Transport]:
    """Reach every node once. Raises InputError with each that is not there, or is another."""
    transports = {node.name: node.open() for node in deployment.nodes}

    def contact(node: TopologyNode) -> Problem | None:
        at = deployment.origins[node.name]
        try:
            own = transports[node.name].run(["hostname", "-I"], timeout=_CONTACT).text.split()
        except TransportError as error:
            said = f"node '{node.name}' is not reached: {error}"
            return Problem(at.file, at.line, at.column, said, error.code)
        foreign = [address for address in node.addresses if _is_address(address) and address not in own]
        if foreign:
            said = f"node '{node.name}' does not have the address {foreign[0]}; it has {', '.join(own)}"
            return Problem(at.file, at.line, at.column, said, "foreign-address")
        return _lacking(deployment, node.name, transports[node.name])

    problems = [problem for problem in run_parallel(contact, deployment.nodes) if problem]
    if problems:
        raise InputError(problems)
    return transports


def _lacking(deployment: Deployment, name: str, transport: Transport) -> Problem | None:
    """What is wrong when files that only the operator has are not on a node."""
    meanings = dict(brought(deployment.cloud, deployment.cloud.host(name)))
    if not meanings:
        return None
    there = transport.run(["stat", "--format=%n", "--", *meanings], ok=(0, 1), timeout=_CONTACT)
    lacking = [f"{path}: {meanings[path]}" for path in meanings if path not in there.text.splitlines()]
    if not lacking:
        return None
    at = deployment.origins[name]
    said = f"node '{name}' lacks what only you have; lay it there first: {'; '.join(lacking)}"
    return Problem(at.file, at.line, at.column, said, "no-file")


def _is_address(word: str) -> bool:
    """Whether a word is an address, and not a name."""
    try:
        ip_address(word)
    except ValueError:
        return False
    return True


def _fencing_secrets(deployment: Deployment) -> tuple[str, ...]:
    values = [value for host in deployment.cloud.hosts for value in host.fencing.values()]
    return tuple(value.removeprefix("secret:") for value in values if value.startswith("secret:"))
