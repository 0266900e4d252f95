"""Gathering of facts, and the pending changes that follow from them."""

from __future__ import annotations

from pacemaker_os.install.changes.host_changes import HostChanges, host_changes
from pacemaker_os.install.changes.systemd_overrides import with_systemd_overrides
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.facts.gather import gather_host_facts
from pacemaker_os.install.nodes.program import installed_programs
from pacemaker_os.openstack.render import desired_host
from pacemaker_os.parallel import run_parallel


def gather_all_facts(context: DeployContext) -> None:
    """Update the inventory of all hosts."""
    run_parallel(lambda node: gather_facts(context, node), context.addresses)


def gather_facts(context: DeployContext, node: str) -> None:
    """Update the inventory of one host: its desired state and its facts."""
    host = context.cloud.host(node)
    with context.recorder.step(node, "gather facts"):
        desired = with_systemd_overrides(
            desired_host(context.cloud, host, context.secrets, installed_programs())
        )
        facts = gather_host_facts(context.transports[node], desired, context.addresses)
        context.inventory.update(node, desired, facts)


def pending_host_changes(context: DeployContext, node: str) -> HostChanges:
    """Return the pending changes of a host, according to the inventory."""
    inventory = context.inventory
    return host_changes(inventory.desired[node], inventory.facts[node], context.addresses)
