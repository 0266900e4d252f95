"""Actions of the phases.

Front nodes are configured together, the database and the message broker strictly one node at a time, and the
remaining services on all controllers together. Network nodes and then compute nodes follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pacemaker_os.cluster.setup.create import create_cluster
from pacemaker_os.cluster.setup.progress import Progress
from pacemaker_os.cluster.setup.remote import start_remotes
from pacemaker_os.install.cluster_document import apply_services, write_document
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.context.recorder import CLOUD
from pacemaker_os.install.hosts.gather import gather_all_facts, gather_facts
from pacemaker_os.install.hosts.prepare import prepare_host
from pacemaker_os.install.hosts.service_files import start_systemd_units, write_service_files
from pacemaker_os.install.jobs.identity import ensure_identity
from pacemaker_os.install.jobs.service_jobs import create_databases, run_jobs
from pacemaker_os.install.restarts.restart import restart_outdated
from pacemaker_os.install.rollout.waves import IDENTITY, infrastructure, openstack, waves
from pacemaker_os.openstack.service import Service
from pacemaker_os.parallel import run_parallel


def prepare(context: DeployContext) -> None:
    """Prepare all hosts in parallel."""
    run_parallel(lambda node: prepare_host(context, node), context.addresses)


def set_up_cluster(context: DeployContext) -> None:
    """Set up corosync and Pacemaker on the controllers."""
    recorder = context.recorder
    progress = Progress(lambda step, seconds: recorder.report(CLOUD, step, seconds))
    with recorder.step(CLOUD, "set up corosync and Pacemaker"):
        if create_cluster(context.deployment.members, progress):
            recorder.record_change(CLOUD, "the cluster")


def configure_front_nodes(context: DeployContext) -> None:
    """Configure front nodes in parallel."""

    def configure(node: str) -> None:
        write_service_files(context, node, context.services)
        start_systemd_units(context, node)

    nodes = [node.name for node in context.deployment.fronts]
    changes_before = len(context.recorder.changes)
    run_parallel(configure, nodes)
    if len(context.recorder.changes) > changes_before:
        run_parallel(lambda node: gather_facts(context, node), nodes)
    if nodes:
        # The next phases use the listeners of new services.
        restart_outdated(context, context.services, nodes)


def start_infrastructure(context: DeployContext) -> None:
    """Configure database, broker, caches and load balancer one node at a time; Pacemaker starts them."""
    selected = _selected(context, infrastructure(context.cloud.services))
    names = [service.name for service in selected]
    changes_before = len(context.recorder.changes)
    for node in context.controllers:
        write_service_files(context, node, names)
    run_parallel(lambda node: start_systemd_units(context, node), context.controllers)
    run_jobs(context, selected, "prepare", context.controllers)
    apply_services(context, selected, context.controllers, "the infrastructure")
    if len(context.recorder.changes) > changes_before:
        run_parallel(lambda node: gather_facts(context, node), context.controllers)
    # The next phases connect through the load balancer.
    restart_outdated(context, names)
    run_jobs(context, selected, "finish", context.controllers)


def deploy_controllers(context: DeployContext) -> None:
    """Deploy OpenStack services: write files on all controllers in parallel, then start wave by wave."""
    run_parallel(lambda node: write_service_files(context, node, context.services), context.controllers)
    for wave in waves(context.cloud.services):
        selected = _selected(context, wave)
        if selected:
            create_databases(context, selected)
            run_jobs(context, selected, "prepare", context.controllers)
            names = ", ".join(service.name for service in selected)
            apply_services(context, selected, context.controllers, names)
        if IDENTITY in {service.name for service in wave}:
            ensure_identity(context, openstack(context.cloud.services))
        complete = [service for service in selected if _runs_on_controllers_only(context, service)]
        run_jobs(context, complete, "finish", context.controllers)


def deploy_network_nodes(context: DeployContext) -> None:
    """Deploy remote nodes that are not compute nodes."""
    nodes = [node.name for node in context.deployment.remotes if "compute" not in node.roles]
    _deploy_remotes(context, nodes, ())


def deploy_compute_nodes(context: DeployContext) -> None:
    """Deploy compute nodes, and run the jobs that need them."""
    remotes = context.deployment.remotes
    others = [node.name for node in remotes if "compute" not in node.roles]
    _deploy_remotes(context, [node.name for node in remotes if "compute" in node.roles], others)
    run_jobs(context, _selected(context, openstack(context.cloud.services)), "finish", context.addresses)


def restart(context: DeployContext) -> None:
    """Restart services that use an outdated configuration, and write the complete cluster document."""
    if context.recorder.changes:
        gather_all_facts(context)
    restart_outdated(context, context.services)
    write_document(context)


def _deploy_remotes(context: DeployContext, nodes: list[str], deployed: Iterable[str]) -> None:
    """Deploy remote nodes in parallel; `deployed` are remote nodes that the cluster has already."""
    if not nodes:
        return
    run_parallel(lambda node: write_service_files(context, node, context.services), nodes)
    run_parallel(lambda node: start_systemd_units(context, node), nodes)
    names = context.cloud.services
    selected = _selected(context, (*infrastructure(names), *openstack(names)))
    run_jobs(context, selected, "prepare", nodes)
    title = ", ".join(nodes)
    with context.recorder.step(CLOUD, f"start pacemaker_remote on {title}"):
        first = context.transports[context.first_controller]
        start_remotes(first, [context.transports[node] for node in nodes])
    apply_services(context, selected, [*context.controllers, *deployed, *nodes], f"services on {title}")


def _selected(context: DeployContext, services: Iterable[Service]) -> tuple[Service, ...]:
    return tuple(service for service in services if service.name in context.services)


def _runs_on_controllers_only(context: DeployContext, service: Service) -> bool:
    roles = {role for unit in service.units for role in unit.roles}
    hosts = {host.name for role in roles for host in context.cloud.with_role(role)}
    return hosts <= set(context.controllers)


#: The action of each phase in `names.PHASES`.
ACTIONS: Mapping[str, Callable[[DeployContext], None]] = {
    "connect": gather_all_facts,
    "prepare": prepare,
    "cluster": set_up_cluster,
    "front": configure_front_nodes,
    "infrastructure": start_infrastructure,
    "controllers": deploy_controllers,
    "network": deploy_network_nodes,
    "compute": deploy_compute_nodes,
    "restart": restart,
}
