"""What Neutron does by itself now and then: networks and routers of a dead agent go to a living one.

RDO's and Ubuntu's neutron-server does it. Debian runs the API under uWSGI and the RPC server apart, and
neither does; the package of 2025.1 that would is not there in Zed, so that both have this program.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Names, Unit

NAME = "neutron-periodic"

PATH = "/etc/neutron/periodic.py"

#: The package neutron.cmd.eventlet is imported first, as it changes what sockets and threads are. A router
#: with HA is on several hosts, and keepalived has it go on; Neutron 26 would move it as well, fails, and with
#: it leaves all routers that come after it where they are.
PROGRAM = """\
import neutron.cmd.eventlet
from neutron import manager, server, service
from neutron.objects.l3agent import RouterL3AgentBinding
from neutron.objects.router import RouterExtraAttributes

all_down = RouterL3AgentBinding.get_down_router_bindings


def on_one_host(context, cutoff):
    found = all_down(context, cutoff)
    return [each for each in found if not has_ha(context, each.router_id)]


def has_ha(context, router):
    attributes = RouterExtraAttributes.get_object(context, router_id=router)
    return attributes is not None and attributes.ha


def work():
    RouterL3AgentBinding.get_down_router_bindings = on_one_host
    manager.init()
    service.start_plugins_workers().wait()


server.boot_server(work)
"""

SERVICE_UNIT = f"""\
[Unit]
Description=Gives what dead agents of Neutron had to living ones

[Service]
User=neutron
Group=neutron
WorkingDirectory=/var/lib/neutron
ExecStart=/usr/bin/python3 {PATH} --log-file=/var/log/neutron/{NAME}.log
LimitNOFILE=65535

[Install]
WantedBy=multi-user.target
"""

#: One is enough, and several would do the same work.
UNIT = Unit(resource=NAME, unit=Names(debian=(NAME,), ubuntu=()), single=True)

FILES = (
    File(path=PATH, content=PROGRAM, families=("debian",)),
    File(path=f"/etc/systemd/system/{NAME}.service", content=SERVICE_UNIT, families=("debian",)),
)
