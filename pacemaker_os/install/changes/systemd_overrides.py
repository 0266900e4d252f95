"""Taking units from systemd: none is started at boot, none is restarted behind Pacemaker's back.

And what Pacemaker needs where it runs them: that it goes on when all of them are busy.
"""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.agents.openstack_service.unit import OVERRIDE, PACEMAKER
from pacemaker_os.openstack.wanted import WantedFile, WantedHost
from pacemaker_os.secret import Secret

#: The service that such a file is counted to: that of nobody, so that writing it restarts nothing.
HAND_OVER = ""

#: The agent of such units says the same, once a boot, where this does not lie.
_TEXT = f"# Pacemaker starts, stops and watches this unit.\n{OVERRIDE}"

#: While a node is emptied, or lost, nothing serves before Pacemaker has said where: an address that moved
#: waited for a second on a busy node, between its end and its start. Our agents run as anything else does.
_FIRST = "# What everything else waits for goes first.\n[Service]\nNice=-10\n"


def handed_over(wanted: WantedHost) -> WantedHost:
    """Return `wanted` with a drop-in for every service that is Pacemaker's, and one for Pacemaker itself."""
    services = [unit for unit in wanted.owned if unit.endswith(".service")]
    drop_ins = [_drop_in(unit, "50-pacemaker-os", _TEXT) for unit in services]
    if services:
        drop_ins += [_drop_in(unit, "40-first", _FIRST) for unit in PACEMAKER]
    return replace(wanted, files=(*wanted.files, *drop_ins))


def _drop_in(unit: str, name: str, text: str) -> WantedFile:
    return WantedFile(
        path=f"/etc/systemd/system/{unit}.d/{name}.conf",
        content=Secret(text),
        shown=text,
        owner="root:root",
        mode=0o644,
        service=HAND_OVER,
    )
