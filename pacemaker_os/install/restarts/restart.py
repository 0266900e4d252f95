"""Restarts of what runs with an outdated configuration, one node at a time.

Pacemaker restarts its resources, and systemd restarts the units that it manages (time synchronization, and
all services on front nodes). A unit that supports it is reloaded instead.

Changed resource parameters are not handled here: Pacemaker restarts the instances on all nodes at the same
time. Settings are therefore in files where the daemon reads one, or in parameters that the agent applies to
the running daemon.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby

from pacemaker_os.cluster import Cluster
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.errors import ClusterError
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.nodes.program import program_text, run_program
from pacemaker_os.install.restarts.outdated import NeededRestart, needed_restarts
from pacemaker_os.openstack.document.layout import vip_name

#: Timeout for a resource to stop and to start again on a node, in seconds.
_TIMEOUT = 300

#: Seconds between two checks of the roles of a restarted resource.
_POLL_INTERVAL = 1.0

_PROMOTED = "Promoted"


def restart_outdated(context: DeployContext, services: Iterable[str], nodes: Collection[str] = ()) -> None:
    """Restart what runs with an outdated configuration: per service one node at a time, per node together."""
    found = needed_restarts(context.cloud, context.inventory, services, nodes)
    for (_, node), group in groupby(
        _vip_node_last(context, list(found)), key=lambda each: (each.service, each.node)
    ):
        batch = list(group)
        for each in batch:
            if each.systemctl:
                _run_systemctl(context, each)
        if resources := [each for each in batch if not each.systemctl]:
            _restart(context, node, resources)


def _vip_node_last(context: DeployContext, found: list[NeededRestart]) -> list[NeededRestart]:
    """Sort the nodes of each service so that the one with its virtual IP address, and its load, is last."""
    if len({each.node for each in found if not each.systemctl}) < 2:
        return found
    holders = {each.id: set(each.nodes) for each in read_status(context.cluster()).resources}
    order = list(dict.fromkeys(each.service for each in found))

    def position(each: NeededRestart) -> tuple[int, bool]:
        vip = vip_name(each.service if each.service in context.cloud.vips else "default")
        return order.index(each.service), each.node in holders.get(vip, ())

    return sorted(found, key=position)


def _run_systemctl(context: DeployContext, needed: NeededRestart) -> None:
    verb = needed.systemctl[0]
    with context.recorder.step(needed.node, f"{verb} {needed.resource}: {needed.changed_file} changed"):
        context.transports[needed.node].run(["systemctl", *needed.systemctl], timeout=_TIMEOUT)
    context.recorder.record_change(needed.node, f"{verb} of {needed.resource}")


def _restart(context: DeployContext, node: str, batch: list[NeededRestart]) -> None:
    """Restart resources on a node, and wait until all nodes run them in the same roles as before."""
    cluster, first = context.cluster(), context.transports[context.first_controller]
    names = [each.resource for each in batch]
    with context.recorder.step(node, f"restart {', '.join(names)}: {batch[0].changed_file} changed"):
        before = _roles(cluster, names)
        for each in batch:
            _reject_last_instance(each, before[each.resource])
        for argv in _command_lines(node, batch):
            response = run_program(first, "run_detached", {"argv": argv}, timeout=_TIMEOUT + 30)
            if response["status"]:
                raise ClusterError(response["output"], code="not-restarted")
        _wait_for_roles(cluster, before)
    for name in names:
        context.recorder.record_change(node, f"restart of {name}")


def _reject_last_instance(needed: NeededRestart, before: Mapping[str, str]) -> None:
    """Raise ClusterError if the clone has no other running instance."""
    if needed.nodes > 1 and list(before) == [needed.node]:
        raise ClusterError(
            f"cannot restart {needed.resource} on {needed.node}: it is the only running instance; start "
            "another instance first (`pcs-os status` shows why the others are stopped)",
            code="last-instance",
        )


def _command_lines(node: str, batch: Iterable[NeededRestart]) -> Iterator[list[str]]:
    """Yield the commands that restart resources; clones restart on the node only, and together.

    The commands ban clones from the node, or set a target role, and remove that at the end. They must
    therefore finish, even if pcs-os is interrupted.
    """
    clones = [f"{each.resource}-clone" for each in batch if each.nodes]
    if clones:
        query = {"clones": clones, "node": node, "timeout": _TIMEOUT}
        yield ["/usr/bin/python3", "-I", "-c", program_text("restart_clones", query)]
    for each in batch:
        if not each.nodes:
            yield ["crm_resource", "--restart", f"--timeout={_TIMEOUT}s", "--resource", each.resource]


def _wait_for_roles(cluster: Cluster, before: Mapping[str, Mapping[str, str]]) -> None:
    """Wait until each resource runs on as many nodes as `before`, and is promoted on as many.

    A database node joins its cluster when it is promoted; another one must not leave earlier. Raises
    ClusterError after a timeout.
    """
    deadline = time.monotonic() + _TIMEOUT
    while missing := [
        name for name, roles in _roles(cluster, before).items() if not _has_recovered(roles, before[name])
    ]:
        if time.monotonic() > deadline:
            roles = _roles(cluster, missing)[missing[0]]
            state = ", ".join(f"{role} on {node}" for node, role in roles.items()) or "stopped"
            raise ClusterError(
                f"{missing[0]} did not recover within {_TIMEOUT} s: {state}; "
                "other nodes keep the outdated configuration",
                code="not-recovered",
            )
        time.sleep(_POLL_INTERVAL)


def _has_recovered(roles: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """Return whether as many instances run and are promoted as before; their nodes may differ."""
    promoted = [list(each.values()).count(_PROMOTED) for each in (roles, before)]
    return len(roles) >= len(before) and promoted[0] >= promoted[1]


def _roles(cluster: Cluster, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the role of each resource on each node where it runs and has not failed."""
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for each in read_status(cluster).resources:
        name = each.id.partition(":")[0]
        if name in found and each.active and not each.failed:
            found[name] |= dict.fromkeys(each.nodes, each.role)
    return found
