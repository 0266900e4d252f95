"""Restarting what runs with an older configuration than that which lies there: node by node.

What is Pacemaker's, Pacemaker restarts; what stays with systemd (time,
and all that front nodes run) systemd does; and a unit that can is reloaded instead.

Parameters in the cluster's document are Pacemaker's own affair: it restarts a resource whose parameters
have changed, everywhere at once. That is why what a setting can change is in files, wherever the daemon
reads one, or is a parameter that its agent tells to the daemon that runs.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby

from pacemaker_os.cluster import Cluster
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.errors import ClusterError
from pacemaker_os.install.context.context import Run
from pacemaker_os.install.nodes.program import program_text, run_program
from pacemaker_os.install.restarts.outdated import Stale, stale
from pacemaker_os.openstack.document.placed import vip_name

#: Seconds that a resource may take to stop and start again on a node, and to serve again as before.
_TIMEOUT = 300

#: Seconds between two looks at whether it does.
_PACE = 1.0

_PROMOTED = "Promoted"


def restart_stale(run: Run, services: Iterable[str], nodes: Collection[str] = ()) -> None:
    """Restart what runs with an older configuration: of each service node after node, on a node together."""
    found = _address_last(run, list(stale(run, services, nodes)))
    for (_, node), group in groupby(found, key=lambda each: (each.service, each.node)):
        batch = list(group)
        for each in batch:
            if each.systemctl:
                _tell_systemd(run, each)
        if ours := [each for each in batch if not each.systemctl]:
            _restart(run, node, ours)


def _address_last(run: Run, found: list[Stale]) -> list[Stale]:
    """What is stale, of each service the node that has its address last: all go to that one's database."""
    if len({each.node for each in found if not each.systemctl}) < 2:
        return found
    holders = {each.id: set(each.nodes) for each in read_status(run.cluster()).resources}
    order = list(dict.fromkeys(each.service for each in found))

    def place(each: Stale) -> tuple[int, bool]:
        address = vip_name(each.service if each.service in run.cloud.vips else "default")
        return order.index(each.service), each.node in holders.get(address, ())

    return sorted(found, key=place)


def _tell_systemd(run: Run, found: Stale) -> None:
    verb = found.systemctl[0]
    with run.step(found.node, f"{verb} {found.resource}: {found.because} is newer"):
        run.transports[found.node].run(["systemctl", *found.systemctl], timeout=_TIMEOUT)
    run.note_change(found.node, f"{verb} of {found.resource}")


def _restart(run: Run, node: str, batch: list[Stale]) -> None:
    """Restart resources on a node, and wait until they serve there and everywhere as before."""
    cluster = run.cluster()
    names = [each.resource for each in batch]
    with run.step(node, f"restart {', '.join(names)}: {batch[0].because} is newer"):
        before = _roles(cluster, names)
        for each in batch:
            _refuse_last(each, before[each.resource])
        for line in _lines(node, batch):
            done = run_program(
                run.transports[run.first], "run_detached", {"argv": line}, timeout=_TIMEOUT + 30
            )
            if done["status"]:
                raise ClusterError(done["said"], code="not-restarted")
        _wait_until_as(cluster, before)
    for name in names:
        run.note_change(node, f"restart of {name}")


def _refuse_last(found: Stale, before: Mapping[str, str]) -> None:
    """Raise ClusterError when it is the last instance that runs."""
    if found.nodes > 1 and list(before) == [found.node]:
        said = (
            f"{found.resource} runs on {found.node} alone, and would run nowhere meanwhile; "
            "start it elsewhere first"
        )
        raise ClusterError(f"{said} (pcs-os status shows what keeps it from the others)", code="last-one")


def _lines(node: str, batch: Iterable[Stale]) -> Iterator[list[str]]:
    """The commands that stop and start resources; clones only on the node, and together.

    They ban clones from the node, or set a target role, and take that back at their end: so each must come to
    its end, also when we do not.
    """
    clones = [f"{each.resource}-clone" for each in batch if each.nodes]
    if clones:
        asked = {"clones": clones, "node": node, "timeout": _TIMEOUT}
        yield ["/usr/bin/python3", "-I", "-c", program_text("restart_clones", asked)]
    for each in batch:
        if not each.nodes:
            yield ["crm_resource", "--restart", f"--timeout={_TIMEOUT}s", "--resource", each.resource]


def _wait_until_as(cluster: Cluster, before: Mapping[str, Mapping[str, str]]) -> None:
    """Wait until each runs on as many nodes as `before`, and is promoted on as many.

    A database is in the cluster only when it is promoted, and until then another node must not leave.
    Raises ClusterError.
    """
    deadline = time.monotonic() + _TIMEOUT
    while missing := [name for name, now in _roles(cluster, before).items() if not _is_as(now, before[name])]:
        if time.monotonic() > deadline:
            now = _roles(cluster, missing)[missing[0]]
            words = ", ".join(f"{role} on {node}" for node, role in now.items()) or "stopped"
            said = f"{missing[0]} is not as before within {_TIMEOUT} s: it is {words}"
            raise ClusterError(f"{said}; other nodes keep the older configuration", code="not-whole")
        time.sleep(_PACE)


def _is_as(now: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """Whether as many instances run, and as many are promoted; which of them may have changed."""
    promoted = [list(roles.values()).count(_PROMOTED) for roles in (now, before)]
    return len(now) >= len(before) and promoted[0] >= promoted[1]


def _roles(cluster: Cluster, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """What each resource is on each node where it runs well, as the cluster says."""
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for each in read_status(cluster).resources:
        name = each.id.partition(":")[0]
        if name in found and each.active and not each.failed:
            found[name] |= dict.fromkeys(each.nodes, each.role)
    return found
