"""Keystone's Fernet keys, identical on all controllers at any time, without copying them.

Each controller derives the keys of the current period from one secret and the time. Keystone signs with the
newest key. It also accepts the key of the next period, with which a controller whose clock is ahead signs,
and those of past periods. A key reveals nothing about the other keys. Pacemaker manages the timer that writes
the keys, so a lost key is soon restored. Keystone starts only after the keys were written, so a controller
that was off does not sign with an outdated key.

A past key is kept as long as tokens that it signed can be presented: a token is valid for an hour ([token]
expiration), and a service that acts for its client can present the client's token for two more days
(allow_expired_window).
"""

from __future__ import annotations

from pacemaker_os.openstack.families import FAMILIES, DistroNames
from pacemaker_os.openstack.parts.api_servers import api_unit
from pacemaker_os.openstack.service import File, Job, Unit

KEY_SOURCE = "/etc/keystone/fernet-secret"
PROGRAM = "/usr/local/sbin/keystone-fernet-keys"

#: The rotation period in hours.
HOURS = "{{ setting('fernet_rotation_hours') }}"

_OLDER = "[3, (49 / (setting('fernet_rotation_hours') | int)) | round(0, 'ceil') | int] | max"

#: The number of keys of past periods: three, or as many as 49 hours need.
OLDER_KEYS = f"{{{{ {_OLDER} }}}}"

#: The number of all keys, including the current and the next one: [fernet_tokens] max_active_keys.
ACTIVE_KEYS = f"{{{{ {_OLDER} + 2 }}}}"

COMMAND = f"{PROGRAM} {HOURS} {OLDER_KEYS}"

SERVICE_UNIT = f"""\
[Unit]
Description=Keystone's Fernet keys of the current period

[Service]
Type=oneshot
ExecStart={COMMAND}
"""

TIMER_UNIT = """\
[Unit]
Description=Update of Keystone's Fernet keys every ten minutes

[Timer]
OnActiveSec=0
OnCalendar=*:0/10

[Install]
WantedBy=timers.target
"""

TIMER = "keystone-fernet-keys.timer"

#: `+` runs the command as root, whatever the user of the unit is.
BEFORE_KEYSTONE = f"""\
# Writes the keys of the current period before Keystone signs tokens.
[Service]
ExecStartPre=+{COMMAND}
"""

UNIT = Unit(
    resource="keystone-fernet-keys",
    unit=DistroNames(debian=(TIMER,), redhat=(TIMER,)),
    waits_for_dependencies=False,
)

FILES = (
    File(path=KEY_SOURCE, content="{{ secret('fernet') }}\n", mode=0o600),
    File(path=PROGRAM, program="fernet_keys.py", mode=0o755),
    File(path="/etc/systemd/system/keystone-fernet-keys.service", content=SERVICE_UNIT),
    File(path=f"/etc/systemd/system/{TIMER}", content=TIMER_UNIT),
    *(
        File(
            path=f"/etc/systemd/system/{unit}.service.d/40-fernet-keys.conf",
            content=BEFORE_KEYSTONE,
            families=(family,),
        )
        for family in FAMILIES
        for unit in api_unit("keystone").of(family)
    ),
)

JOB = Job(name="Fernet keys", argv=(PROGRAM, HOURS, OLDER_KEYS), on_every_host=True)
