"""Changes to oslo.messaging in clients of the message bus, for behavior that it has no option for.

Python imports the module with its packages; it patches two functions after oslo.messaging is imported:

- Each process shuffles its brokers and connects to the first one. When a broker stops or its node loses
  power, clients on all nodes must find another broker while the brokers are busiest, and pending calls wait.
  With `prefer_local_broker`, services of a controller connect to the broker on the same host first, so a
  node failure affects the clients on that node only. The other brokers remain as alternatives.
- In 2025.1 a caller looks for its reply and sleeps for 0.5 s if there is none. Every call between services
  takes that long, and starting or evacuating an instance takes four times as long as it needs to. With
  `fast_rpc_replies`, the first look is after 5 ms, and pauses grow to 0.1 s. Releases that do not sleep there
  are not changed.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File

PACKAGES = "/usr/lib/python3/dist-packages"

MODULE = "pacemaker_os_bus"

#: Python executes this line at its start.
PTH = (
    f"import {MODULE}; {MODULE}.install('{{{{ host.address }}}}', "
    "prefer_local_broker={{ setting('prefer_local_broker') == 'yes' }}, "
    "fast_rpc_replies={{ setting('fast_rpc_replies') == 'yes' }})\n"
)

HOSTS = ("controller", "network", "compute", "storage")

FILES = (
    File(
        path=f"{PACKAGES}/{MODULE}.py",
        program="oslo_messaging_patches.py",
        roles=HOSTS,
        families=("debian",),
    ),
    File(path=f"{PACKAGES}/{MODULE}.pth", content=PTH, roles=HOSTS, families=("debian",)),
)
