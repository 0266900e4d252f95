"""Horizon: the dashboard, at the path /horizon of the virtual IP address."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts import horizon_sessions
from pacemaker_os.openstack.parts.api_servers import WEB_SERVER
from pacemaker_os.openstack.service import File, HealthCheck, Job, Listener, Service, Unit

SETTINGS = (
    """\
ALLOWED_HOSTS = [
    "{{ vip('horizon') }}",
{% for controller in hosts('controller') %}
    "{{ controller.address }}",
{% endfor %}
]
OPENSTACK_HOST = "{{ vip('keystone') }}"
OPENSTACK_KEYSTONE_URL = "{{ url('keystone', 5000) }}/v3"
OPENSTACK_API_VERSIONS = {"identity": 3, "image": 2, "volume": 3}
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = True
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = "Default"
OPENSTACK_KEYSTONE_DEFAULT_ROLE = "member"
OPENSTACK_NEUTRON_NETWORK = {
    "enable_router": True,
    "enable_ha_router": True,
    "enable_distributed_router": False,
    "enable_quotas": True,
    "enable_ipv6": True,
    "enable_rbac_policy": True,
    "enable_fip_topology_check": False,
}
{% if ca %}
OPENSTACK_SSL_CACERT = "{{ ca }}"
{% endif %}
{% if setting('tls') == 'yes' %}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True
{% endif %}
TIME_ZONE = "{{ setting('time_zone') }}"
# All controllers share this key and the sessions, so a session continues on any controller.
SECRET_KEY = "{{ secret('horizon') }}"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
        "LOCATION": [
{% for controller in hosts('controller') %}
            "{{ controller.address }}:11211",
{% endfor %}
        ],
        # By default, a page waits for minutes for a cache on a node that lost power, and then fails.
        "OPTIONS": {"connect_timeout": 1, "timeout": 2, "ignore_exc": True, "retry_attempts": 1},
    }
}
"""
    + horizon_sessions.SETTINGS
)

#: The packaged site with a process group: without it, every worker of Apache loads the dashboard, and in
#: 2025.1 the second worker fails to.
SITE = """\
WSGIScriptAlias /horizon SCRIPT
WSGIDaemonProcess horizon user=USER group=USER processes={{ setting('workers') }} threads=4
WSGIProcessGroup horizon
WSGIApplicationGroup %{GLOBAL}
Alias /static STATIC
Alias /horizon/static STATIC
<Directory /usr/share/openstack-dashboard>
    Require all granted
</Directory>
<Directory STATIC>
    Require all granted
</Directory>
"""


def site(script: str, user: str, static: str) -> str:
    """Return the site with the paths and the user of a family."""
    return SITE.replace("SCRIPT", script).replace("USER", user).replace("STATIC", static)


SERVICE = Service(
    name="horizon",
    title="Horizon (dashboard)",
    needs=("keystone",),
    packages={
        "controller": DistroNames(
            debian=("openstack-dashboard", "openstack-dashboard-apache"),
            redhat=("openstack-dashboard", "httpd", "python3-mod_wsgi"),
            ubuntu=("openstack-dashboard",),
        )
    },
    units=(
        Unit(
            resource="horizon",
            unit=WEB_SERVER,
            health=HealthCheck(url="http://{{ host.address }}:80/horizon/auth/login/"),
        ),
        horizon_sessions.UNIT,
    ),
    files=(
        File(
            path="/etc/openstack-dashboard/local_settings.d/_90_openstack.py",
            content=SETTINGS,
            owner="root:www-data",
            mode=0o640,
            families=("debian",),
        ),
        File(
            path="/usr/share/openstack-dashboard/openstack_dashboard/local/local_settings.d/_90_openstack.py",
            content=SETTINGS,
            owner="root:www-data",
            mode=0o640,
            families=("ubuntu",),
        ),
        File(
            path="/etc/openstack-dashboard/local_settings.d/_90_openstack.py",
            content='WEBROOT = "/horizon/"\n' + SETTINGS,
            owner="root:apache",
            mode=0o640,
            families=("redhat",),
        ),
        File(
            path="/etc/apache2/sites-available/openstack-dashboard-alias-only.conf",
            content=site(
                "/usr/share/openstack-dashboard/wsgi.py", "www-data", "/var/lib/openstack-dashboard/static"
            ),
            families=("debian",),
        ),
        File(
            path="/etc/httpd/conf.d/openstack-dashboard.conf",
            content=site(
                "/usr/share/openstack-dashboard/openstack_dashboard/wsgi.py",
                "apache",
                "/usr/share/openstack-dashboard/static",
            ),
            families=("redhat",),
        ),
        File(
            path="/etc/apache2/ports.conf",
            content="Listen {{ host.address }}:80\n",
            families=("debian", "ubuntu"),
        ),
        File(
            path="/etc/httpd/conf.d/00-listen.conf",
            content="Listen {{ host.address }}:80\n",
            families=("redhat",),
        ),
        *horizon_sessions.FILES,
    ),
    databases=(horizon_sessions.DATABASE,),
    listeners=(
        Listener(
            name="horizon",
            port=80,
            tls_port=443,
            options=("balance source",),
            check="/horizon/auth/login/",
            # Rendering the login page takes more CPU time than other health checks.
            server_options="inter 10s",
        ),
    ),
    jobs=(
        horizon_sessions.JOB,
        # The package enables default-ssl, but not the module that it needs.
        Job(
            name="removal of other sites",
            argv=("a2dissite", "--quiet", "--force", "000-default", "default-ssl"),
            on_every_host=True,
            families=("debian",),
        ),
        Job(
            name="dashboard site",
            argv=("a2ensite", "--quiet", "openstack-dashboard-alias-only"),
            on_every_host=True,
            families=("debian",),
        ),
    ),
    verify=(
        Job(
            name="login page",
            argv=(
                *("curl", "--silent", "--show-error", "--fail", "--output", "/dev/null"),
                *("{{ '--cacert' if ca }}", "{{ ca }}"),
                "{{ url('horizon', 443 if ca else 80) }}/horizon/auth/login/",
            ),
        ),
    ),
)
