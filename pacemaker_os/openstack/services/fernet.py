"""Keystone's fernet keys, the same on all controllers at any time, without copying them.

Each controller works out the keys of the present period from one secret and the time. Keystone signs with
the newest key; it also takes the key of the next period, which a controller whose clock is ahead signs
with, and those of a few past ones, for tokens that were given then. A key that becomes known tells nothing
of the others. A timer under Pacemaker does it, so that a key that was lost is back soon, too; and Keystone
does not start before it was done, so that a controller that was off does not sign with a key of the past.

A past key is kept for as long as anybody may still show what it signed: a token lasts an hour ([token]
expiration), and a service that vouches for its client may show that client's token for two more days
(allow_expired_window).
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Job, Names, Unit

SECRET = "/etc/keystone/fernet-secret"  # noqa: S105 (a path)
PROGRAM = "/usr/local/sbin/keystone-fernet-keys"

#: How many keys of past periods are kept: three, or as many as it takes to reach back 49 hours.
OLDER = "{{ [3, (49 / (setting('fernet_period') | int)) | round(0, 'ceil') | int] | max }}"

#: Those, the present key and the one to come: [fernet_tokens] max_active_keys.
ALL = "{{ [3, (49 / (setting('fernet_period') | int)) | round(0, 'ceil') | int] | max + 2 }}"

SCRIPT = """\
#!/usr/bin/python3
# Writes Keystone's fernet keys of the present period; without need it writes nothing.
import base64
import hashlib
import hmac
import os
import pwd
import time

SECRET = "/etc/keystone/fernet-secret"
FOLDER = "/etc/keystone/fernet-keys"
OWNER = "keystone"
PERIOD = {{ setting('fernet_period') }} * 3600
OLDER = OLDER_KEYS


def key(secret, number):
    return base64.urlsafe_b64encode(hmac.new(secret, str(number).encode(), hashlib.sha256).digest())


def put(name, content, owner):
    path = os.path.join(FOLDER, name)
    try:
        with open(path, "rb") as there:
            if there.read() == content:
                return
    except FileNotFoundError:
        pass
    part = os.path.join(FOLDER, ".new")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        os.fchown(stream.fileno(), owner.pw_uid, owner.pw_gid)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(part, path)


with open(SECRET, "rb") as stream:
    secret = stream.read().strip()
owner = pwd.getpwnam(OWNER)
os.makedirs(FOLDER, mode=0o700, exist_ok=True)
os.chown(FOLDER, owner.pw_uid, owner.pw_gid)
now = int(time.time() // PERIOD)
# 0 is the key to come; of the others the highest signs.
numbers = {"0": now + 1, **{str(now - age): now - age for age in range(OLDER + 1)}}
for name, number in numbers.items():
    put(name, key(secret, number), owner)
for name in os.listdir(FOLDER):
    if name not in numbers:
        os.unlink(os.path.join(FOLDER, name))
"""

SERVICE_UNIT = f"""\
[Unit]
Description=Keystone's fernet keys of the present period

[Service]
Type=oneshot
ExecStart={PROGRAM}
"""

TIMER_UNIT = """\
[Unit]
Description=Keystone's fernet keys, looked at every ten minutes

[Timer]
OnActiveSec=0
OnCalendar=*:0/10

[Install]
WantedBy=timers.target
"""

TIMER = "keystone-fernet-keys.timer"

#: `+`: as root, whoever runs the unit.
BEFORE = f"""\
# The keys of the present period, before anything is signed.
[Service]
ExecStartPre=+{PROGRAM}
"""

#: The unit that runs Keystone.
RUNS_IN = {"debian": "keystone", "ubuntu": "apache2", "redhat": "httpd"}

UNIT = Unit(resource="keystone-fernet-keys", unit=Names(debian=(TIMER,), redhat=(TIMER,)), waits=False)

FILES = (
    File(path=SECRET, content="{{ secret('fernet') }}\n", mode=0o600),
    File(path=PROGRAM, content=SCRIPT.replace("OLDER_KEYS", OLDER), mode=0o755),
    File(path="/etc/systemd/system/keystone-fernet-keys.service", content=SERVICE_UNIT),
    File(path=f"/etc/systemd/system/{TIMER}", content=TIMER_UNIT),
    *(
        File(
            path=f"/etc/systemd/system/{unit}.service.d/40-fernet-keys.conf",
            content=BEFORE,
            families=(family,),
        )
        for family, unit in RUNS_IN.items()
    ),
)

JOB = Job(name="fernet keys", argv=(PROGRAM,), each=True)
