"""Faults during an evacuation, and changes of agent parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Timer

from lab_cloud import LabCloud, pcs_os
from nova_client import until

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.container import ContainerTransport

#: Timeout for a controller to respond, or for nova-evacuate to start, in seconds.
TIMEOUT = 300.0

#: Pattern that matches the process of nova-evacuate, but not that of pgrep.
ENGINE = "[n]ova_evacuate.service"

#: Resets all connections to the Nova API.
RESET = b"""table inet lab-api {
  chain output { type filter hook output priority -300; tcp dport 8774 reject with tcp reset; }
}
"""


def controller(cloud: LabCloud) -> ContainerTransport:
    """Return the transport to a reachable controller that is part of the cluster."""

    def find() -> ContainerTransport | None:
        for name in cloud.nodes("controller"):
            with suppress(TransportError):
                cloud.node(name).run(["crm_node", "--quorum"])
                return cloud.node(name)
        return None

    found: ContainerTransport = until(find, TIMEOUT)
    return found


def engine(cloud: LabCloud) -> tuple[str, list[str]] | None:
    """Return the controller that runs nova-evacuate, and the process IDs; None if it is stopped."""
    for name in cloud.nodes("controller"):
        with suppress(TransportError):
            found = cloud.node(name).run(["pgrep", "-f", ENGINE], ok=(0, 1)).text.split()
            if found:
                return name, found
    return None


def set_engine_running(cloud: LabCloud, *, running: bool) -> None:
    """Start or stop nova-evacuate."""
    options = {
        True: ["--delete-parameter", "target-role"],
        False: ["--set-parameter", "target-role", "--parameter-value", "Stopped"],
    }
    controller(cloud).run(["crm_resource", "--resource", "nova-evacuate", "--meta", *options[running]])
    until(lambda: (engine(cloud) is not None) is running, TIMEOUT)


def engine_parameters(cloud: LabCloud, **parameters: str) -> AbstractContextManager[None]:
    """Set parameters of nova-evacuate, and delete them afterwards."""
    return resource_parameters(cloud, "nova-evacuate", parameters, dict.fromkeys(parameters, ""))


@contextmanager
def resource_parameters(
    cloud: LabCloud, resource: str, parameters: Mapping[str, str], before: Mapping[str, str]
) -> Iterator[None]:
    """Set parameters of a resource, and restore them afterwards. Empty values mean no parameter."""
    set_parameters(cloud, resource, parameters)
    try:
        yield
    finally:
        set_parameters(cloud, resource, before)


def set_parameters(cloud: LabCloud, resource: str, parameters: Mapping[str, str]) -> None:
    """Set parameters of a resource, or delete those with empty values; wait until the cluster settles."""
    argv = ["crm_resource", "--resource", resource]
    for name, value in parameters.items():
        change = (
            ["--set-parameter", name, "--parameter-value", value] if value else ["--delete-parameter", name]
        )
        controller(cloud).run([*argv, *change])
    controller(cloud).run(["crm_resource", "--wait", "--timeout=60s"], timeout=70)


def fast_reconnect(cloud: LabCloud, host: str) -> AbstractContextManager[None]:
    """Let Pacemaker reconnect to a compute node after 2 s instead of 60 s."""
    return resource_parameters(cloud, host, {"reconnect_interval": "2s"}, {"reconnect_interval": "60s"})


def is_member(cloud: LabCloud, host: str) -> bool:
    """Return whether a compute node is online in Pacemaker."""
    argv = ["crm_mon", "--one-shot", "--output-as=xml", "--include=none,nodes"]
    status = controller(cloud).run(argv).text
    return f'name="{host}" id="{host}" online="true"' in status


def kill_agent(cloud: LabCloud) -> None:
    """Kill the process of nova-evacuate."""
    name, processes = until(lambda: engine(cloud), TIMEOUT, interval=0.2)
    cloud.node(name).run(["kill", "-KILL", *processes])


def kill_controller_of_agent(cloud: LabCloud) -> None:
    """Cut the power of the controller that runs nova-evacuate."""
    name, _ = until(lambda: engine(cloud), TIMEOUT, interval=0.2)
    pcs_os("lab", "fault", "kill", "--name", cloud.lab, name)


def kill_nova_compute(cloud: LabCloud, host: str) -> None:
    """Kill nova-compute, which loses its spawns in progress; its guests continue to run."""
    cloud.node(host).run(["systemctl", "kill", "--signal=KILL", "nova-compute"])


def power_cycle_controllers(cloud: LabCloud) -> None:
    """Cut the power of all controllers at the same time, and restore it."""
    for fault in ("power-loss", "heal"):
        pcs_os("lab", "fault", fault, "--name", cloud.lab, *cloud.nodes("controller"))


def break_api(cloud: LabCloud, seconds: float) -> None:
    """Reset connections to the Nova API from the controller of nova-evacuate for some seconds."""
    name, _ = until(lambda: engine(cloud), TIMEOUT, interval=0.2)
    node = cloud.node(name)
    node.run(["nft", "-f", "-"], input=RESET)
    Timer(seconds, lambda: node.run(["nft", "delete", "table", "inet", "lab-api"])).start()


@contextmanager
def suspended_nova_compute(cloud: LabCloud, host: str) -> Iterator[None]:
    """Suspend nova-compute, so that it stops reporting without ending."""
    node = cloud.node(host)
    main = node.run(["systemctl", "show", "--value", "--property=MainPID", "nova-compute"]).text.strip()
    node.run(["kill", "-STOP", main])
    try:
        yield
    finally:
        node.run(["kill", "-CONT", main])
