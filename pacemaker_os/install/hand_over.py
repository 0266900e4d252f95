"""Taking units from systemd: none is started at boot, none is restarted behind Pacemaker's back."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.agents.openstack_service.unit import OVERRIDE
from pacemaker_os.openstack.wanted import WantedFile, WantedHost
from pacemaker_os.secret import Secret

#: The service that such a file is counted to: that of nobody, so that writing it restarts nothing.
HAND_OVER = ""

#: The agent of such units says the same, once a boot, where this does not lie.
_TEXT = f"# Pacemaker starts, stops and watches this unit.\n{OVERRIDE}"


def handed_over(wanted: WantedHost) -> WantedHost:
    """Return `wanted` with a drop-in for every service that is Pacemaker's."""
    services = (unit for unit in wanted.owned if unit.endswith(".service"))
    return replace(wanted, files=(*wanted.files, *map(_drop_in, services)))


def _drop_in(unit: str) -> WantedFile:
    return WantedFile(
        path=f"/etc/systemd/system/{unit}.d/50-pacemaker-os.conf",
        content=Secret(_TEXT),
        shown=_TEXT,
        owner="root:root",
        mode=0o644,
        service=HAND_OVER,
    )
