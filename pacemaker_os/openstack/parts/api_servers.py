"""The servers of APIs: uWSGI units, or sites of the web server, as the distribution family runs them."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.openstack.families import FAMILIES, UWSGI_FAMILIES, WEB_SITE_FAMILIES, DistroNames
from pacemaker_os.openstack.service import File

#: The packaged units wait 15 s for such a request.
STOP = """\
# A request that is accepted just before the stop and waits for the message bus never gets a reply. When its
# connection is closed, haproxy sends it to another host.
[Service]
TimeoutStopSec=2
"""


#: The unit of the web server.
WEB_SERVER = DistroNames(**{name: (family.web_unit,) for name, family in FAMILIES.items()})


def api_unit(name: str) -> DistroNames:
    """Return the unit that runs an API: its uWSGI unit, or the web server."""
    return DistroNames(**{**WEB_SERVER.by_family, **dict.fromkeys(UWSGI_FAMILIES, (name,))})


def uwsgi(name: str, ini: str, port: int, unit: str = "") -> tuple[File, ...]:
    """Return the files that make a uWSGI unit listen on the host's own address and loopback, and stop fast.

    The init script reads /etc/default/NAME after it has composed its arguments. Without this file the unit
    listens on all addresses, including the virtual one, and haproxy cannot bind its port. uWSGI uses the
    last value of an option that is given twice. `unit` is the name of the unit if it is not `name`.
    """
    options = (
        f"--http-socket {{{{ host.address }}}}:{port} --http-socket 127.0.0.1:{port} --ini {ini} "
        "--processes {{ setting('workers') }} --threads 1"
    )
    return (
        File(
            path=f"/etc/default/{name}",
            content=f'DAEMON_ARGS="{options}"\n',
            families=UWSGI_FAMILIES,
        ),
        File(
            path=f"/etc/systemd/system/{unit or name}.service.d/40-stop.conf",
            content=STOP,
            families=UWSGI_FAMILIES,
        ),
    )


def wsgi_site(
    name: str,
    script: str,
    port: int,
    *,
    user: str,
    packaged: Mapping[str, str] | None = None,
    families: tuple[str, ...] = WEB_SITE_FAMILIES,
) -> tuple[File, ...]:
    """Return the web server's site of a WSGI application, on the host's own address.

    It replaces the packaged site, which listens on all addresses. `packaged` gives the name of that site by
    family where it is not `name`.
    """
    content = f"""\
Listen {{{{ host.address }}}}:{port}

<VirtualHost *:{port}>
    WSGIDaemonProcess {name} processes={{{{ setting('workers') }}}} threads=1 user={user} group={user}
    WSGIProcessGroup {name}
    WSGIScriptAlias / {script}
    WSGIApplicationGroup %{{GLOBAL}}
    WSGIPassAuthorization On
    <Directory /usr/bin>
        Require all granted
    </Directory>
</VirtualHost>
"""
    return tuple(
        File(
            path=FAMILIES[family].web_site.format((packaged or {}).get(family, name)),
            content=content,
            families=(family,),
        )
        for family in families
    )
