"""Fault injection: each function injects or heals one kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pacemaker_os.errors import LabError
from pacemaker_os.lab.shape import BMC, LABEL_ADDRESS, LABEL_ROLE
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.container import ContainerTransport

if TYPE_CHECKING:
    from docker.models.containers import Container

#: Name of the nftables table of a partition. Deleting the table heals the node.
_TABLE = "pcs-os-partition"

#: Drops all outgoing packets of a node. The rules vanish with the network namespace when the node stops.
_MUTE = f"""\
table inet {_TABLE} {{
  chain mute {{ type filter hook output priority -300; policy drop; }}
}}
""".encode()

Containers = Mapping[str, "Container"]


def kill(containers: Containers, names: Sequence[str]) -> None:
    """Power nodes off."""
    run_parallel(lambda name: _kill(containers[name]), names)


def pause(containers: Containers, names: Sequence[str]) -> None:
    """Freeze all processes of nodes: they keep their resources and do not respond."""
    run_parallel(lambda name: _pause(containers[name]), names)


def partition(containers: Containers, names: Sequence[str]) -> None:
    """Separate a group of nodes from all other nodes. The power switches remain reachable."""
    others = [name for name, container in containers.items() if name not in names and not _is_bmc(container)]
    if not others:
        raise LabError("cannot partition all nodes: name only the nodes of one side")
    rules = _drop_rules([containers[name].labels[LABEL_ADDRESS] for name in others])
    run_parallel(lambda name: _transport(containers[name]).run(["nft", "-f", "-"], input=rules), names)


def heal(containers: Containers, names: Sequence[str]) -> None:
    """End partitions and pauses, and power on nodes that are off."""
    run_parallel(lambda name: _heal(containers[name]), names)


def power_loss(containers: Containers, names: Sequence[str]) -> None:
    """Power nodes off at the same time.

    If all nodes lose power, none is left to fence the others; use `heal` or `lab up` to power them on.
    """
    kill(containers, names)


def stop_daemon(containers: Containers, names: Sequence[str], daemon: str) -> None:
    """Kill all processes with this name, as in a crash."""
    run_parallel(lambda name: _kill_daemon(containers[name], daemon), names)


#: Faults that need no argument except the nodes.
FAULTS: Mapping[str, Callable[[Containers, Sequence[str]], None]] = {
    "kill": kill,
    "pause": pause,
    "partition": partition,
    "heal": heal,
    "power-loss": power_loss,
}


def pick(containers: Containers, lab: str, names: Sequence[str]) -> list[str]:
    """Return the named nodes, or all nodes. Raises LabError for an unknown lab or node."""
    nodes = [name for name, container in containers.items() if not _is_bmc(container)]
    if not nodes:
        raise LabError(f"lab '{lab}' does not exist; start it with `pcs-os lab up --name {lab}`")
    for name in names:
        if name not in nodes:
            raise LabError(f"unknown node '{name}' in lab '{lab}'; its nodes are {', '.join(nodes)}")
    return list(names) or nodes


def _drop_rules(addresses: Sequence[str]) -> bytes:
    """Return nftables rules that drop all packets from and to `addresses`."""
    hosts = ", ".join(addresses)
    chains = "".join(
        f"  chain {hook} {{ type filter hook {hook} priority -300; ip {side} {{ {hosts} }} drop; }}\n"
        for hook, side in (("input", "saddr"), ("output", "daddr"))
    )
    return (
        f"table inet {_TABLE} {{}}\ndelete table inet {_TABLE}\ntable inet {_TABLE} {{\n{chains}}}\n".encode()
    )


def _kill(container: Container) -> None:
    """Kill a container. Without the filter, its kernel would close connections, unlike at a power loss."""
    if container.status == "running":
        _transport(container).run(["nft", "-f", "-"], input=_MUTE)
    container.kill()


def _heal(container: Container) -> None:
    if container.status == "paused":
        container.unpause()
    if container.status not in ("running", "paused"):
        container.start()
        return
    # Status 1: the table does not exist, so the node is not in a partition.
    _transport(container).run(["nft", "delete", "table", "inet", _TABLE], ok=(0, 1))


def _pause(container: Container) -> None:
    """Freeze a container. With cgroups v1, Docker sometimes fails and thaws the processes; then retry."""
    from docker.errors import APIError
    from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

    retrying = retry(
        retry=retry_if_exception_type(APIError),
        stop=stop_after_attempt(5),
        wait=wait_fixed(0.2),
        reraise=True,
    )
    retrying(container.pause)()


def _kill_daemon(container: Container, daemon: str) -> None:
    killed = _transport(container).run(["pkill", "-KILL", "-x", "--", daemon[:15]], ok=(0, 1))
    if killed.status == 1:
        raise LabError(f"cannot kill '{daemon}' on {container.name}: no such process")


def _transport(container: Container) -> ContainerTransport:
    return ContainerTransport(str(container.name))


def _is_bmc(container: Container) -> bool:
    return container.labels.get(LABEL_ROLE) == BMC
