"""Instances that were on their way when the other node died, too, and are at home when their own returns.

A nova-compute that starts takes each instance for evacuated that has a record of an evacuation, even of one
that was never finished: it destroys the guest and leaves the instance here, ACTIVE and off.
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

#: The records that nova-compute looks for when it starts, and what it makes of them.
LOOKED_FOR = frozenset({"accepted", "pre-migrating", "done"})
CLEANED_UP = "completed"

#: What starts a guest.
STARTS = frozenset({"reboot", "start", "rebuild"})


def left_over(records: Iterable[Migration], marker: Marker) -> list[Migration]:
    """The evacuations of this request that nova-compute has not looked through.

    Of several of one instance it takes one at each start.
    """
    return [each for each in records if each.id > marker.after and each.status in LOOKED_FOR]


def start_returned_guests(
    nova: Nova, host: str, records: Iterable[Migration], marker: Marker, report: Report
) -> None:
    """Start the guests that were destroyed though their instances are here. Raises what `Nova` raises.

    Done twice, it starts nothing twice: what was done with an instance is asked of Nova.
    """
    destroyed = {each.instance for each in records if each.id > marker.after and each.status == CLEANED_UP}
    here = nova.servers(host=host) if destroyed else []
    for server in here:
        if server.id in destroyed and is_off(nova, server):
            try:
                nova.reboot(server.id)
            except Refused as refused:
                report.errors.append(f"{server.name} ({server.id}) is off: {refused.reason}")
            else:
                report.restarted.append(server.id)


def is_off(nova: Nova, server: Server) -> bool:
    """Whether an instance is ACTIVE, and nobody started it since its evacuation."""
    if server.vm_state != "active" or server.task_state:
        return False
    done = nova.actions(server.id)
    since = done[: done.index("evacuate")] if "evacuate" in done else done
    return not STARTS & set(since)
