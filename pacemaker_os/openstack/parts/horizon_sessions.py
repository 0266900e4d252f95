"""Sessions of the dashboard: stored in the database, which all controllers share.

With the packaged configuration, each session is in the memcached of one controller. When that controller
fails, a third of the users are logged out, and again every minute while it is down: each thread retries the
failed cache and takes its silence for a missing session.
"""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import Database, File, Job, Unit

MANAGE = "/usr/share/openstack-dashboard/manage.py"

DATABASE = Database(name="horizon", user="horizon")

#: A fragment of the dashboard's settings. Django accepts PyMySQL only under the name and with a version of
#: MySQLdb.
SETTINGS = """\
import pymysql

pymysql.version_info = (1, 4, 6, "final", 0)
pymysql.install_as_MySQLdb()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.mysql",
        "HOST": "{{ vip('galera') }}",
        "NAME": "horizon",
        "USER": "horizon",
        "PASSWORD": "{{ secret('horizon-db') }}",
        "OPTIONS": {"charset": "utf8mb4", "connect_timeout": 5},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# A session contains a token object, which JSON cannot represent.
SESSION_SERIALIZER = "django.contrib.sessions.serializers.PickleSerializer"
"""

#: The user that runs the dashboard.
USER = "{{ family.web_user }}"

SERVICE_UNIT = f"""\
[Unit]
Description=Removal of expired dashboard sessions

[Service]
Type=oneshot
User={USER}
ExecStart=/usr/bin/python3 {MANAGE} clearsessions
"""

TIMER_UNIT = """\
[Unit]
Description=Hourly removal of expired dashboard sessions

[Timer]
OnCalendar=hourly

[Install]
WantedBy=timers.target
"""

TIMER = "horizon-sessions.timer"

#: On one controller, because all of them share the database.
UNIT = Unit(
    resource="horizon-sessions",
    unit=DistroNames(debian=(TIMER,), redhat=(TIMER,)),
    single=True,
    waits_for_dependencies=False,
)

FILES = (
    File(path="/etc/systemd/system/horizon-sessions.service", content=SERVICE_UNIT),
    File(path=f"/etc/systemd/system/{TIMER}", content=TIMER_UNIT),
)

JOB = Job(
    name="dashboard session table",
    argv=("python3", MANAGE, "migrate", "--noinput", "sessions"),
    user=USER,
)
