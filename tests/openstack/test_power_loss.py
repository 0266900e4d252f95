"""Power loss of all nodes: Pacemaker restores all services. This test runs last because it takes long."""

from __future__ import annotations

import hashlib
import os
import time

import pytest
from lab_cloud import LabCloud, pcs_os
from nova_client import until

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.errors import PacemakerOsError

pytestmark = pytest.mark.cluster

#: Timeout for all services to run again, in seconds: two cores start forty services on three nodes.
BACK = 1200.0


def test_power_loss_of_all_nodes_is_recovered(cloud: LabCloud) -> None:
    image = os.urandom(64 * 1024)
    cloud.openstack("image create --disk-format raw --container-format bare kept", stdin=image)
    before = running(cloud)
    pcs_os("lab", "fault", "power-loss", "--name", cloud.lab)
    begin = time.monotonic()
    pcs_os("lab", "fault", "heal", "--name", cloud.lab)
    until(lambda: serves(cloud), BACK)
    print(f"\nAPIs respond after {time.monotonic() - begin:.0f} s", end="")
    while missing := before - running(cloud):
        assert time.monotonic() - begin < BACK, f"not running as before: {sorted(missing)}"
        time.sleep(2)
    print(f", everything runs as before after {time.monotonic() - begin:.0f} s")
    cloud.openstack("image save --file /root/kept kept")
    saved = cloud.node("controller02").run(["sha256sum", "/root/kept"]).text.split()[0]
    assert saved == hashlib.sha256(image).hexdigest()
    cloud.openstack("image delete kept")
    assert cloud.deploy()["changed"] == []


def serves(cloud: LabCloud) -> bool:
    """Return True if Nova, Neutron and Glance respond. Raises TransportError otherwise."""
    cloud.openstack("compute service list -f value -c State")
    cloud.openstack("network agent list -f value -c Alive")
    cloud.openstack("image list")
    return True


def running(cloud: LabCloud) -> set[tuple[str, str, int]]:
    """Return the number of instances of each resource in each role."""
    first = cloud.nodes("controller")[0]
    try:
        resources = read_status(connect(Target(container=f"{cloud.lab}-{first}"))).resources
    except PacemakerOsError:
        return set()
    found: dict[tuple[str, str], int] = {}
    for each in resources:
        if each.active and not each.failed:
            key = (each.id.partition(":")[0], each.role)
            found[key] = found.get(key, 0) + len(each.nodes)
    return {(name, role, number) for (name, role), number in found.items()}
