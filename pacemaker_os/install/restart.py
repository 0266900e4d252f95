"""Restarting what runs with an older configuration than that which lies there: node by node.

What is Pacemaker's, Pacemaker restarts; what stays with systemd (time,
and all that front nodes run) systemd does; and a unit that can is reloaded instead.

Parameters in the cluster's document are Pacemaker's own affair: it restarts a resource whose parameters
have changed, everywhere at once. That is why what a setting can change is in files, wherever the daemon
reads one, or is a parameter that its agent tells to the daemon that runs.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping

from pacemaker_os.cluster import Cluster
from pacemaker_os.cluster.monitor import look
from pacemaker_os.errors import ClusterError
from pacemaker_os.install.on_node import run_program
from pacemaker_os.install.run import Run
from pacemaker_os.install.stale import Stale, stale

#: Seconds that a resource may take to stop and start again on a node, and to serve again as before.
_TIMEOUT = 300

#: Seconds between two looks at whether it does.
_PACE = 1.0

_PROMOTED = "Promoted"


def restart_stale(run: Run, services: Iterable[str], nodes: Collection[str] = ()) -> None:
    """Restart what runs with an older configuration, one after the other."""
    for found in list(stale(run, services, nodes)):
        if found.systemctl:
            _tell_systemd(run, found)
        else:
            _restart(run, found)


def _tell_systemd(run: Run, found: Stale) -> None:
    verb = found.systemctl[0]
    with run.step(found.node, f"{verb} {found.resource}: {found.because} is newer"):
        run.transports[found.node].run(["systemctl", *found.systemctl], timeout=_TIMEOUT)
    run.note_change(found.node, f"{verb} of {found.resource}")


def _restart(run: Run, found: Stale) -> None:
    """Restart a resource on the node, and wait until it serves there and everywhere as before."""
    cluster = run.cluster()
    with run.step(found.node, f"restart {found.resource}: {found.because} is newer"):
        before = _roles(cluster, found.resource)
        if found.nodes > 1 and list(before) == [found.node]:
            said = f"it runs on {found.node} alone, and would run nowhere meanwhile; start it elsewhere first"
            raise ClusterError(f"{said} (pcs-os status shows what keeps it from the others)", code="last-one")
        asked, patience = {"argv": _line(found)}, _TIMEOUT + 30
        done = run_program(run.transports[run.first], "to_its_end", asked, timeout=patience)
        if done["status"]:
            raise ClusterError(f"crm_resource: {done['said']}", code="not-restarted")
        _wait_until_as(cluster, found, before)
    run.note_change(found.node, f"restart of {found.resource}")


def _line(found: Stale) -> list[str]:
    """The command that stops and starts a resource; a clone only where it is stale.

    It bans the clone from the node, or sets a target role, and takes that back at its end: so it must come
    to its end, also when we do not.
    """
    which = [f"{found.resource}-clone", "--node", found.node] if found.nodes else [found.resource]
    return ["crm_resource", "--restart", f"--timeout={_TIMEOUT}s", "--resource", *which]


def _wait_until_as(cluster: Cluster, found: Stale, before: Mapping[str, str]) -> None:
    """Wait until it runs on as many nodes as `before`, and is promoted on as many.

    crm_resource comes back when the instance is started: a database is in the cluster only when it is
    promoted, and until then another node must not leave. Raises ClusterError.
    """
    deadline = time.monotonic() + _TIMEOUT
    while not _is_as(now := _roles(cluster, found.resource), before):
        if time.monotonic() > deadline:
            words = ", ".join(f"{role} on {node}" for node, role in now.items()) or "stopped"
            said = f"{found.resource} is not as before within {_TIMEOUT} s: it is {words}"
            raise ClusterError(f"{said}; other nodes keep the older configuration", code="not-whole")
        time.sleep(_PACE)


def _is_as(now: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """Whether as many instances run, and as many are promoted; which of them may have changed."""
    promoted = [list(roles.values()).count(_PROMOTED) for roles in (now, before)]
    return len(now) >= len(before) and promoted[0] >= promoted[1]


def _roles(cluster: Cluster, resource: str) -> dict[str, str]:
    """What a resource is on each node where it runs well, as the cluster says."""
    return {
        node: each.role
        for each in look(cluster).resources
        if each.id.partition(":")[0] == resource and each.active and not each.failed
        for node in each.nodes
    }
