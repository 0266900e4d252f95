"""Files of services, and the units that systemd starts."""

from __future__ import annotations

from collections.abc import Collection

from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.facts.host_facts import kernel_settings
from pacemaker_os.install.hosts import host_actions
from pacemaker_os.install.hosts.gather import pending_host_changes
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.desired import DesiredFile


def write_service_files(context: DeployContext, node: str, services: Collection[str]) -> None:
    """Write the files and directories of services on a host, and load their kernel settings."""
    changes, transport = pending_host_changes(context, node), context.transports[node]
    files = [file for file in changes.files if file.service in services]
    owned = {path for name in services for path in SERVICES[name].directories}
    directories = [pair for pair in changes.directories if pair[0] in owned]
    with_settings = {
        file.path
        for file in context.inventory.desired[node].files
        if file.service in services and kernel_settings(file)
    }
    written = {file.path for file in files}
    load = [path for path in with_settings if path in changes.kernel_settings or path in written]
    if not (files or directories or load):
        return
    with context.recorder.step(node, _step_name(files, directories)):
        host_actions.write_files(transport, files, directories)
        host_actions.load_kernel_settings(transport, load)
    for file in files:
        context.recorder.record_change(node, file.path)
    for path, _ in directories:
        context.recorder.record_change(node, path)


def start_systemd_units(context: DeployContext, node: str) -> None:
    """Enable and start the units that systemd manages."""
    changes = pending_host_changes(context, node)
    if changes.enable:
        units = " ".join(changes.enable)
        with context.recorder.step(node, f"start {units}"):
            context.transports[node].run(["systemctl", "enable", "--now", *changes.enable], timeout=120)
        context.recorder.record_change(node, f"started {units}")


def _step_name(files: Collection[DesiredFile], directories: Collection[tuple[str, str]]) -> str:
    services = sorted({file.service for file in files})
    what = f"write {len(files)} files" if files else f"create {len(directories)} directories"
    return f"{what} of {', '.join(services)}" if services else what
