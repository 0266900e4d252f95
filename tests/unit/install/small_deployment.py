"""A small cloud for tests: three controllers and a compute node."""

from collections.abc import Mapping
from pathlib import Path

from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.context.recorder import EventHandler, Recorder
from pacemaker_os.install.nodes.log import LoggedTransport
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.install.topology.topology_file import read_deployment

TEXT = """\
name: small
network: 192.0.2.0/24
nodes:
  controller01: {address: 192.0.2.11, roles: [controller, network]}
  controller02: {address: 192.0.2.12, roles: [controller, network]}
  controller03: {address: 192.0.2.13, roles: [controller, network]}
  compute01: {address: 192.0.2.51, roles: [compute]}
vips: {default: 192.0.2.10}
services: [keystone]
settings: {workers: "1", fencing: "no"}
"""


def small(text: str = TEXT) -> Deployment:
    """Return the deployment of a topology text."""
    return read_deployment(text, file="cloud.yaml")


def small_context(
    logs: Path,
    on_event: EventHandler = lambda event: None,
    *,
    text: str = TEXT,
    transports: Mapping[str, LoggedTransport] | None = None,
) -> DeployContext:
    """Return the context of a deployment, by default without transports."""
    return DeployContext(
        deployment=small(text), secrets={}, transports=transports or {}, recorder=Recorder(on_event, logs)
    )
