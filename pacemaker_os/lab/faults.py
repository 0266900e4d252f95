"""What can go wrong with a node, on demand: each function does one thing, and the cluster has to cope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pacemaker_os.errors import LabError
from pacemaker_os.lab.shape import BMC, LABEL_ADDRESS, LABEL_ROLE
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.container import ContainerTransport

if TYPE_CHECKING:
    from docker.models.containers import Container

#: The table of packet filters that a partition lives in; deleting it heals the node.
_TABLE = "pcs-os-partition"

#: Nothing leaves the node; until it is switched on, which gives it a network of its own anew.
_MUTE = f"""\
table inet {_TABLE} {{
  chain mute {{ type filter hook output priority -300; policy drop; }}
}}
""".encode()

Containers = Mapping[str, "Container"]


def kill(there: Containers, names: Sequence[str]) -> None:
    """Switch nodes off from one moment to the next."""
    run_parallel(lambda name: _kill(there[name]), names)


def pause(there: Containers, names: Sequence[str]) -> None:
    """Freeze every process of the nodes: they hold what they have and answer nobody."""
    run_parallel(lambda name: _pause(there[name]), names)


def partition(there: Containers, names: Sequence[str]) -> None:
    """Cut the nodes, as one group, off from all other nodes; the power switches still reach everyone."""
    others = [name for name, container in there.items() if name not in names and not _is_bmc(container)]
    if not others:
        raise LabError("a partition needs nodes on its other side")
    rules = _filter([there[name].labels[LABEL_ADDRESS] for name in others])
    run_parallel(lambda name: _transport(there[name]).run(["nft", "-f", "-"], input=rules), names)


def heal(there: Containers, names: Sequence[str]) -> None:
    """End partitions and pauses; a node that is off is switched on."""
    run_parallel(lambda name: _heal(there[name]), names)


def power_loss(there: Containers, names: Sequence[str]) -> None:
    """Switch the nodes off at the same moment.

    When these are all of them, nobody is left to fence: `heal` or `lab up` brings them back.
    """
    kill(there, names)


def stop_daemon(there: Containers, names: Sequence[str], daemon: str) -> None:
    """Kill every process of that name, as a crash would."""
    run_parallel(lambda name: _kill_daemon(there[name], daemon), names)


#: Faults that take nodes and nothing more.
FAULTS: Mapping[str, Callable[[Containers, Sequence[str]], None]] = {
    "kill": kill,
    "pause": pause,
    "partition": partition,
    "heal": heal,
    "power-loss": power_loss,
}


def pick(there: Containers, lab: str, names: Sequence[str]) -> list[str]:
    """Return the nodes meant: those named, or all. Raises LabError for a name that is none of the lab's."""
    nodes = [name for name, container in there.items() if not _is_bmc(container)]
    if not nodes:
        raise LabError(f"there is no lab '{lab}'; start one by `pcs-os lab up --name {lab}`")
    for name in names:
        if name not in nodes:
            raise LabError(f"the lab '{lab}' has no node '{name}'; it has {', '.join(nodes)}")
    return list(names) or nodes


def _filter(addresses: Sequence[str]) -> bytes:
    """Return packet filter rules that drop everything from and to `addresses`."""
    hosts = ", ".join(addresses)
    chains = "".join(
        f"  chain {hook} {{ type filter hook {hook} priority -300; ip {side} {{ {hosts} }} drop; }}\n"
        for hook, side in (("input", "saddr"), ("output", "daddr"))
    )
    return (
        f"table inet {_TABLE} {{}}\ndelete table inet {_TABLE}\ntable inet {_TABLE} {{\n{chains}}}\n".encode()
    )


def _kill(container: Container) -> None:
    """End a container without a word: its kernel would tell everybody that connections end."""
    if container.status == "running":
        _transport(container).run(["nft", "-f", "-"], input=_MUTE)
    container.kill()


def _heal(container: Container) -> None:
    if container.status == "paused":
        container.unpause()
    if container.status not in ("running", "paused"):
        container.start()
        return
    # 1: there is no such table, so the node is in no partition.
    _transport(container).run(["nft", "delete", "table", "inet", _TABLE], ok=(0, 1))


def _pause(container: Container) -> None:
    """Freeze a container; with the first cgroups Docker sometimes fails to, and thaws what it had."""
    from docker.errors import APIError
    from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

    again = retry(
        retry=retry_if_exception_type(APIError),
        stop=stop_after_attempt(5),
        wait=wait_fixed(0.2),
        reraise=True,
    )
    again(container.pause)()


def _kill_daemon(container: Container, daemon: str) -> None:
    killed = _transport(container).run(["pkill", "-KILL", "-x", "--", daemon[:15]], ok=(0, 1))
    if killed.status == 1:
        raise LabError(f"no process called '{daemon}' runs on {container.name}")


def _transport(container: Container) -> ContainerTransport:
    return ContainerTransport(str(container.name))


def _is_bmc(container: Container) -> bool:
    return container.labels.get(LABEL_ROLE) == BMC
