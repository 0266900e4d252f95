"""Drop-in files that hand units over from systemd to Pacemaker, and that raise Pacemaker's own priority."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.agents.openstack_service.unit import OVERRIDE, PACEMAKER
from pacemaker_os.openstack.desired import DesiredFile, DesiredHost
from pacemaker_os.secret import Secret

#: Service name of these files. It names no service, so a new drop-in file does not restart any service.
NO_SERVICE = ""

#: The agent writes the same override after each boot where this file does not exist.
_TEXT = f"# Pacemaker starts, stops and monitors this unit.\n{OVERRIDE}"

#: While a node is drained, or after a node failure, the nodes are busy, and recovery waits for Pacemaker's
#: decisions: at normal priority, an IP address waited for 1 s between its stop and its start. The agents of
#: pacemaker-os run at normal priority.
_PRIORITY = "# Recovery of all services waits for Pacemaker.\n[Service]\nNice=-10\n"


def with_systemd_overrides(desired: DesiredHost) -> DesiredHost:
    """Return `desired` with a drop-in file for each unit that Pacemaker manages, and for Pacemaker itself."""
    services = [unit for unit in desired.owned if unit.endswith(".service")]
    drop_ins = [_drop_in(unit, "50-pacemaker-os", _TEXT) for unit in services]
    if services:
        drop_ins += [_drop_in(unit, "40-first", _PRIORITY) for unit in PACEMAKER]
    return replace(desired, files=(*desired.files, *drop_ins))


def _drop_in(unit: str, name: str, text: str) -> DesiredFile:
    return DesiredFile(
        path=f"/etc/systemd/system/{unit}.d/{name}.conf",
        content=Secret(text),
        redacted=text,
        owner="root:root",
        mode=0o644,
        service=NO_SERVICE,
    )
