"""Stand-ins on a node, as systemd units: an OpenStack service, and a Nova with Keystone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacemaker_os.transport.base import Transport

_TESTS = Path(__file__).parents[2]
_CODE = "/usr/local/libexec"

#: Unit of the stand-in for a service (stand_in.py).
SERVICE = "stand-in"

#: Unit of the stand-in for Nova, and the credentials file that it writes.
NOVA, CREDENTIALS = "nova-stand-in", "/run/nova-stand-in/nova.conf"

_SERVICE = f"""\
[Service]
ExecStartPre=/bin/rm -f /run/{SERVICE}/mode
ExecStart=/usr/bin/python3 {_CODE}/stand_in.py /run/{SERVICE}
RuntimeDirectory={SERVICE}
"""

_NOVA = f"""\
[Service]
Environment=PYTHONPATH=/usr/lib/pacemaker-os/current:{_CODE}
ExecStart=/usr/bin/python3 {_CODE}/nova_stand_in.py {CREDENTIALS}
RuntimeDirectory={NOVA}
UMask=0077
"""

#: Unit file and program files of each unit.
_FILES = {
    SERVICE: (_SERVICE, (Path(__file__).parent / "stand_in.py",)),
    NOVA: (
        _NOVA,
        (
            Path(__file__).parent / "nova_stand_in.py",
            _TESTS / "unit/agents/nova_fake.py",
            _TESTS / "unit/agents/nova_world.py",
            _TESTS / "unit/agents/nova_server.py",
        ),
    ),
}


def install(node: Transport, unit: str) -> None:
    """Install a stand-in on a node, without starting it."""
    text, files = _FILES[unit]
    for file in files:
        node.put(file.read_bytes(), f"{_CODE}/{file.name}", mode=0o644)
    node.put(text.encode(), f"/etc/systemd/system/{unit}.service", mode=0o644)
    node.run(["systemctl", "daemon-reload"])
