"""Neutron's periodic workers, which reschedule networks and routers of agents that are down.

neutron-server of RDO and Ubuntu runs them. Debian runs the API under uWSGI and the RPC server separately, and
neither of them does. Debian's package of 2025.1 for this purpose does not exist in Zed, so both releases get
this program.
"""

from __future__ import annotations

from pacemaker_os.openstack.families import FAMILIES, DistroNames
from pacemaker_os.openstack.service import File, Unit

NAME = "neutron-periodic"

PATH = "/etc/neutron/periodic.py"

SERVICE_UNIT = f"""\
[Unit]
Description=Neutron's periodic workers

[Service]
User=neutron
Group=neutron
WorkingDirectory=/var/lib/neutron
ExecStart=/usr/bin/python3 {PATH} --log-file=/var/log/neutron/{NAME}.log
LimitNOFILE=65535

[Install]
WantedBy=multi-user.target
"""

#: A single instance is enough; several would do the same work.
UNIT = Unit(resource=NAME, unit=DistroNames(debian=(NAME,), ubuntu=()), single=True)

#: The families whose packages do not run the workers.
WITHOUT_WORKERS = tuple(family for family in FAMILIES if UNIT.unit.of(family))

FILES = (
    File(path=PATH, program="neutron_periodic.py", families=WITHOUT_WORKERS),
    File(path=f"/etc/systemd/system/{NAME}.service", content=SERVICE_UNIT, families=WITHOUT_WORKERS),
)
