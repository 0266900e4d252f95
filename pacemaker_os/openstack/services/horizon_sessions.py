"""Where the dashboard keeps who is logged in: in the database, which is one for all controllers.

In memcached, as packaged, a session is on one controller alone. When that one is lost a third of the people
are logged out, and again every minute while it is away: each thread asks the dead cache anew, and takes its
silence for a session that there is not.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import Database, File, Job, Names, Unit

MANAGE = "/usr/share/openstack-dashboard/manage.py"

DATABASE = Database(name="horizon", user="horizon")

#: Part of the dashboard's settings. Django knows PyMySQL by the name of its elder, at a version of that one.
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
# A session holds a token, which is more than JSON can say.
SESSION_SERIALIZER = "django.contrib.sessions.serializers.PickleSerializer"
"""

#: Who the dashboard runs as.
USER = "{{ 'apache' if cloud.family == 'redhat' else 'www-data' }}"

SERVICE_UNIT = f"""\
[Unit]
Description=Forgets sessions of the dashboard that are over

[Service]
Type=oneshot
User={USER}
ExecStart=/usr/bin/python3 {MANAGE} clearsessions
"""

TIMER_UNIT = """\
[Unit]
Description=Forgets sessions of the dashboard that are over, hourly

[Timer]
OnCalendar=hourly

[Install]
WantedBy=timers.target
"""

TIMER = "horizon-sessions.timer"

#: On one controller: the database is the same for all.
UNIT = Unit(
    resource="horizon-sessions", unit=Names(debian=(TIMER,), redhat=(TIMER,)), single=True, waits=False
)

FILES = (
    File(path="/etc/systemd/system/horizon-sessions.service", content=SERVICE_UNIT),
    File(path=f"/etc/systemd/system/{TIMER}", content=TIMER_UNIT),
)

JOB = Job(
    name="the dashboard's table of sessions",
    argv=("python3", MANAGE, "migrate", "--noinput", "sessions"),
    user=USER,
)
