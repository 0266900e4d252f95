"""All nodes lose power at once: Pacemaker alone brings everything back. After all others: it takes long."""

from __future__ import annotations

import time

import pytest
from lab_cloud import LabCloud, pcs_os

from pacemaker_os.errors import TransportError

pytestmark = pytest.mark.cluster

#: Until every service serves again, in seconds, on two cores that start forty services on three nodes.
BACK = 1200.0


def test_everything_comes_back_after_a_power_loss(cloud: LabCloud) -> None:
    pcs_os("lab", "fault", "power-loss", "--name", cloud.lab)
    begin = time.monotonic()
    pcs_os("lab", "fault", "heal", "--name", cloud.lab)
    while not serves(cloud):
        assert time.monotonic() - begin < BACK
        time.sleep(2)
    print(f"\nback after {time.monotonic() - begin:.0f} s")
    assert cloud.deploy()["changed"] == []


def serves(cloud: LabCloud) -> bool:
    """Whether the cloud starts an instance's worth of questions through its virtual address."""
    try:
        cloud.openstack("compute service list -f value -c State")
        cloud.openstack("network agent list -f value -c Alive")
        cloud.openstack("image list")
    except TransportError:
        return False
    return True
