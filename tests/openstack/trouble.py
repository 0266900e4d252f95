"""What happens to a cloud while it evacuates: its agent, its controllers, and its API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Timer

from lab_cloud import LabCloud, pcs_os
from nova_asked import until

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.container import ContainerTransport

#: Until a controller answers, or nova-evacuate runs, in seconds.
PATIENCE = 300.0

#: Finds the process of nova-evacuate, and not the one that looks for it.
ENGINE = "[n]ova_evacuate.service"

#: Breaks every connection to Nova's API.
BROKEN = b"""table inet lab-api {
  chain output { type filter hook output priority -300; tcp dport 8774 reject with tcp reset; }
}
"""


def controller(cloud: LabCloud) -> ContainerTransport:
    """The way to a controller that is there and in the cluster."""

    def look() -> ContainerTransport | None:
        for name in cloud.nodes("controller"):
            with suppress(TransportError):
                cloud.node(name).run(["crm_node", "--quorum"])
                return cloud.node(name)
        return None

    found: ContainerTransport = until(look, PATIENCE)
    return found


def engine(cloud: LabCloud) -> tuple[str, list[str]] | None:
    """The controller that nova-evacuate runs on, and its processes there."""
    for name in cloud.nodes("controller"):
        with suppress(TransportError):
            found = cloud.node(name).run(["pgrep", "-f", ENGINE], ok=(0, 1)).text.split()
            if found:
                return name, found
    return None


def engine_runs(cloud: LabCloud, *, wanted: bool) -> None:
    """Start or stop nova-evacuate."""
    words = {
        True: ["--delete-parameter", "target-role"],
        False: ["--set-parameter", "target-role", "--parameter-value", "Stopped"],
    }
    controller(cloud).run(["crm_resource", "--resource", "nova-evacuate", "--meta", *words[wanted]])
    until(lambda: (engine(cloud) is not None) is wanted, PATIENCE)


def engine_told(cloud: LabCloud, **parameters: str) -> AbstractContextManager[None]:
    """Give nova-evacuate parameters, while it runs, and take them away."""
    return told(cloud, "nova-evacuate", parameters, dict.fromkeys(parameters, ""))


@contextmanager
def told(
    cloud: LabCloud, resource: str, parameters: Mapping[str, str], before: Mapping[str, str]
) -> Iterator[None]:
    """Give a resource parameters, and then those from before; an empty one was not there."""
    tell(cloud, resource, parameters)
    try:
        yield
    finally:
        tell(cloud, resource, before)


def tell(cloud: LabCloud, resource: str, parameters: Mapping[str, str]) -> None:
    """Give a resource parameters, or take them away where they are empty, and wait until that is done."""
    line = ["crm_resource", "--resource", resource]
    for name, value in parameters.items():
        what = (
            ["--set-parameter", name, "--parameter-value", value] if value else ["--delete-parameter", name]
        )
        controller(cloud).run([*line, *what])
    controller(cloud).run(["crm_resource", "--wait", "--timeout=60s"], timeout=70)


def quick_return(cloud: LabCloud, host: str) -> AbstractContextManager[None]:
    """Let Pacemaker take a compute node back as soon as it is there, and not a minute later."""
    return told(cloud, host, {"reconnect_interval": "2s"}, {"reconnect_interval": "60s"})


def is_member(cloud: LabCloud, host: str) -> bool:
    """Whether Pacemaker has a compute node in the cluster."""
    said = controller(cloud).run(["crm_mon", "--one-shot", "--output-as=xml", "--include=none,nodes"]).text
    return f'name="{host}" id="{host}" online="true"' in said


def kill_agent(cloud: LabCloud) -> None:
    """Kill nova-evacuate's process."""
    name, processes = until(lambda: engine(cloud), PATIENCE, every=0.2)
    cloud.node(name).run(["kill", "-KILL", *processes])


def kill_agents_controller(cloud: LabCloud) -> None:
    """Cut the power of the controller that nova-evacuate runs on."""
    name, _ = until(lambda: engine(cloud), PATIENCE, every=0.2)
    pcs_os("lab", "fault", "kill", "--name", cloud.lab, name)


def kill_nova_compute(cloud: LabCloud, host: str) -> None:
    """Kill a nova-compute, which forgets what it is building; its guests run on."""
    cloud.node(host).run(["systemctl", "kill", "--signal=KILL", "nova-compute"])


def power_cycle_controllers(cloud: LabCloud) -> None:
    """Cut the power of all controllers at once, and give it back."""
    for fault in ("power-loss", "heal"):
        pcs_os("lab", "fault", fault, "--name", cloud.lab, *cloud.nodes("controller"))


def break_api(cloud: LabCloud, seconds: float) -> None:
    """Break every connection to Nova's API that nova-evacuate's controller begins, for a while."""
    name, _ = until(lambda: engine(cloud), PATIENCE, every=0.2)
    node = cloud.node(name)
    node.run(["nft", "-f", "-"], input=BROKEN)
    Timer(seconds, lambda: node.run(["nft", "delete", "table", "inet", "lab-api"])).start()


@contextmanager
def silent_nova_compute(cloud: LabCloud, host: str) -> Iterator[None]:
    """Let a nova-compute say nothing, without ending it."""
    node = cloud.node(host)
    main = node.run(["systemctl", "show", "--value", "--property=MainPID", "nova-compute"]).text.strip()
    node.run(["kill", "-STOP", main])
    try:
        yield
    finally:
        node.run(["kill", "-CONT", main])
