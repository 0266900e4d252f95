"""The phases of a deployment as a graph: what each does, and what must be done before it.

The order is that of operators who do it by hand: front nodes together; database and message bus strictly
one node after the other; the rest of the controllers together; then network nodes, then compute nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pacemaker_os.cluster.setup.create import create_cluster
from pacemaker_os.cluster.setup.progress import Progress
from pacemaker_os.cluster.setup.remote import start_remotes
from pacemaker_os.install.cluster_document import apply_services, write_document
from pacemaker_os.install.context.context import CLOUD, News, Run, in_turn, together
from pacemaker_os.install.hosts import prepare as hosts
from pacemaker_os.install.jobs import service_jobs as services
from pacemaker_os.install.restarts.restart import restart_stale
from pacemaker_os.install.rollout.waves import IDENTITY, infrastructure, openstack, waves
from pacemaker_os.openstack.service import Service


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase: `after` are those that must have ended well before it."""

    name: str
    title: str
    work: Callable[[Run], None]
    after: tuple[str, ...] = ()


def prepare(run: Run) -> None:
    """Packages, units, names and agents, on all nodes at once."""
    together(lambda node: hosts.prepare(run, node), run.addresses)


def make_cluster(run: Run) -> None:
    """Corosync and Pacemaker on the controllers."""

    def tell(text: str, seconds: float | None) -> None:
        run.tell(News(run.phase, CLOUD, text, seconds))

    with run.step(CLOUD, "corosync and Pacemaker"):
        if create_cluster(run.deployment.members, Progress(tell)):
            run.note_change(CLOUD, "the cluster")


def front_nodes(run: Run) -> None:
    """Front nodes, which stand before the cluster, all at once."""

    def one(node: str) -> None:
        hosts.write_service_files(run, node, run.services)
        hosts.start_systemd_units(run, node)

    nodes = [node.name for node in run.deployment.fronts]
    before = len(run.changed)
    together(one, nodes)
    if len(run.changed) > before:
        together(lambda node: hosts.look_at(run, node), nodes)
    if nodes:
        # A listener of a new service; the next phases reach it through here.
        restart_stale(run, run.services, nodes)


def start_infrastructure(run: Run) -> None:
    """Database, bus, caches and load balancer: one node after the other, then started by Pacemaker."""
    chosen = _of(run, infrastructure(run.cloud.services))
    names = [service.name for service in chosen]
    before = len(run.changed)
    in_turn(lambda node: hosts.write_service_files(run, node, names), run.controllers)
    together(lambda node: hosts.start_systemd_units(run, node), run.controllers)
    services.run_jobs(run, chosen, "prepare", run.controllers)
    apply_services(run, chosen, run.controllers, "the infrastructure")
    if len(run.changed) > before:
        together(lambda node: hosts.look_at(run, node), run.controllers)
    # The load balancer above all: what comes next is reached through it.
    restart_stale(run, names)
    services.run_jobs(run, chosen, "finish", run.controllers)


def controllers(run: Run) -> None:
    """The services of OpenStack: files on all controllers together, then a wave after the other."""
    together(lambda node: hosts.write_service_files(run, node, run.services), run.controllers)
    for wave in waves(run.cloud.services):
        chosen = _of(run, wave)
        if chosen:
            services.make_databases(run, chosen)
            services.run_jobs(run, chosen, "prepare", run.controllers)
            names = ", ".join(service.name for service in chosen)
            apply_services(run, chosen, run.controllers, names)
        if IDENTITY in {service.name for service in wave}:
            services.ensure_identity(run, openstack(run.cloud.services))
        whole = [service for service in chosen if _is_whole(run, service)]
        services.run_jobs(run, whole, "finish", run.controllers)


def network_nodes(run: Run) -> None:
    """Nodes that are for the network alone."""
    _remote_nodes(run, [node.name for node in run.deployment.remotes if "compute" not in node.roles], ())


def compute_nodes(run: Run) -> None:
    """Compute nodes, and what could not be finished without them."""
    before = [node.name for node in run.deployment.remotes if "compute" not in node.roles]
    _remote_nodes(run, [node.name for node in run.deployment.remotes if "compute" in node.roles], before)
    services.run_jobs(run, _of(run, openstack(run.cloud.services)), "finish", run.addresses)


def restart_whatever_is_stale(run: Run) -> None:
    """Restart what runs with an older configuration than that which lies there."""
    if run.changed:
        hosts.look_at_all(run)
    restart_stale(run, run.services)
    write_document(run)


def _remote_nodes(run: Run, nodes: list[str], before: Iterable[str]) -> None:
    if not nodes:
        return
    together(lambda node: hosts.write_service_files(run, node, run.services), nodes)
    together(lambda node: hosts.start_systemd_units(run, node), nodes)
    everything = _of(run, (*infrastructure(run.cloud.services), *openstack(run.cloud.services)))
    services.run_jobs(run, everything, "prepare", nodes)
    with run.step(CLOUD, f"Pacemaker on {', '.join(nodes)}"):
        start_remotes(run.transports[run.first], [run.transports[node] for node in nodes])
    apply_services(run, everything, [*run.controllers, *before, *nodes], f"services on {', '.join(nodes)}")


def _of(run: Run, found: Iterable[Service]) -> tuple[Service, ...]:
    """Those of the services that this deployment is about."""
    return tuple(service for service in found if service.name in run.services)


def _is_whole(run: Run, service: Service) -> bool:
    """Whether everything that a service runs is on controllers."""
    hosts = {host.name for unit in service.units for role in unit.roles for host in run.cloud.with_role(role)}
    return hosts <= set(run.controllers)


PHASES = (
    Phase("connect", "look at every node", hosts.look_at_all),
    Phase("prepare", "packages, units, agents", prepare, ("connect",)),
    Phase("cluster", "corosync and Pacemaker", make_cluster, ("prepare",)),
    Phase("front", "front nodes", front_nodes, ("cluster",)),
    Phase("infrastructure", "database, message bus, caches", start_infrastructure, ("front",)),
    Phase("controllers", "services of OpenStack", controllers, ("infrastructure",)),
    Phase("network", "network nodes", network_nodes, ("controllers",)),
    Phase("compute", "compute nodes", compute_nodes, ("network",)),
    Phase("restart", "restarts of what has an older configuration", restart_whatever_is_stale, ("compute",)),
)

NAMES = tuple(phase.name for phase in PHASES)
