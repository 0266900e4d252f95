"""Instances whose evacuation failed with its target, and which are still on their own node when it returns.

When nova-compute starts, it considers each instance with an evacuation record as evacuated, even if the
evacuation never finished. It destroys the guest and leaves the instance on this host, ACTIVE but off.
"""

from __future__ import annotations

from pacemaker_os.agents.nova_evacuate.nova.session import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.marker import Marker
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration, Server
    from pacemaker_os.agents.nova_evacuate.report import Report

#: States of the records that nova-compute processes when it starts, and their state after that.
LOOKED_FOR = frozenset({"accepted", "pre-migrating", "done"})
CLEANED_UP = "completed"

#: Actions that start a guest.
STARTS = frozenset({"reboot", "start", "rebuild"})


def left_over(records: Iterable[Migration], marker: Marker) -> list[Migration]:
    """Return the evacuations of this request that nova-compute has not processed.

    If an instance has several, nova-compute processes one at each start.
    """
    return [each for each in records if each.id > marker.after and each.status in LOOKED_FOR]


def start_returned_guests(
    nova: Nova, host: str, records: Iterable[Migration], marker: Marker, report: Report
) -> None:
    """Start the guests that were destroyed although their instances are still here.

    Raises what `Nova` raises.

    A repeated call starts no guest twice, because the actions on each instance are read from Nova.
    """
    destroyed = {each.instance for each in records if each.id > marker.after and each.status == CLEANED_UP}
    here = nova.servers(host=host) if destroyed else []
    for server in here:
        if server.id in destroyed and is_off(nova, server):
            try:
                nova.reboot(server.id)
            except Refused as refused:
                report.errors.append(f"cannot start {server.name} ({server.id}): {refused.reason}")
            else:
                report.restarted.append(server.id)


def is_off(nova: Nova, server: Server) -> bool:
    """Return whether an instance is ACTIVE and its guest was not started since the evacuation."""
    if server.vm_state != "active" or server.task_state:
        return False
    done = nova.actions(server.id)
    since = done[: done.index("evacuate")] if "evacuate" in done else done
    return not STARTS & set(since)
