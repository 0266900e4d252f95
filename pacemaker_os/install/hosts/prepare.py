"""Preparation of a host: node names, packages, units and agents."""

from __future__ import annotations

from pacemaker_os.install import agents
from pacemaker_os.install.changes.systemd_overrides import NO_SERVICE
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.facts.host_facts import HOSTS
from pacemaker_os.install.hosts import host_actions
from pacemaker_os.install.hosts.gather import gather_facts, pending_host_changes


def prepare_host(context: DeployContext, node: str) -> None:
    """Write node names, install packages, hand units over to Pacemaker and install agents."""
    changes, transport = pending_host_changes(context, node), context.transports[node]
    recorder = context.recorder
    names = [file for file in changes.files if file.path == HOSTS]
    if names:
        with recorder.step(node, "write node names"):
            host_actions.write_files(transport, names, ())
        recorder.record_change(node, HOSTS)
    if changes.leftovers and not changes.packages:
        with recorder.step(node, "clean up an interrupted installation"):
            transport.run(["rm", "-f", *changes.leftovers])
        recorder.record_change(node, " ".join(changes.leftovers))
    if changes.packages:
        with recorder.step(node, f"install {len(changes.packages)} packages"):
            host_actions.install_packages(transport, context.cloud.family, changes.packages)
        recorder.record_change(node, f"packages {' '.join(changes.packages)}")
        # Packages bring units that start at boot, which the facts do not contain yet.
        gather_facts(context, node)
        changes = pending_host_changes(context, node)
    overrides = [file for file in changes.files if file.service == NO_SERVICE and file.path != HOSTS]
    if changes.disable or changes.mask or overrides:
        with recorder.step(node, "hand units over to Pacemaker"):
            host_actions.disable_units(transport, changes)
            host_actions.write_files(transport, overrides, ())
        units = " ".join((*changes.disable, *changes.mask))
        recorder.record_change(node, f"units {units or 'handed over'}")
    _install_agents(context, node)


def _install_agents(context: DeployContext, node: str) -> None:
    host = context.cloud.host(node)
    if "front" in host.roles:
        return
    with context.recorder.step(node, "install agents"):
        if agents.install(context.transports[node], context.release).changed:
            context.recorder.record_change(node, "agents")
