"""One cloud for all tests here: deployed once from bare containers, as the first of them.

PCS_OS_CLOUD names the topology of a cloud in a lab that is there already, and stays. PCS_OS_SERVICES says
which services to deploy instead of all, with blanks; the tests of others are skipped, and say so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_cloud import LabCloud, pcs_os, topology_of

NAME = "ostest"

SERVICES = (
    "instance-ha first-use nova-compute neutron-agents horizon cinder heat swift gnocchi ceilometer aodh etcd"
)

#: What three controllers with all services and two compute nodes take, in GiB.
MEMORY = 18.0


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """Three controllers and two compute nodes of Debian 12 with nothing on them but packages."""
    there = os.environ.get("PCS_OS_CLOUD")
    if there:
        yield LabCloud(Path(there))
        return
    services = os.environ.get("PCS_OS_SERVICES", SERVICES)
    pcs_os("lab", "down", "--name", NAME)
    if services == SERVICES and available() < MEMORY:
        said = f"there are {available():.0f} GiB of memory, and the whole cloud takes {MEMORY:.0f}"
        pytest.fail(
            f"{said}; choose fewer services: PCS_OS_SERVICES='instance-ha first-use nova-compute horizon'"
        )
    try:
        shape = ["--release", "bookworm", "--image", "openstack", "--nodes", "3", "--remotes", "2"]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        cloud = LabCloud(
            topology_of(
                NAME,
                tmp_path_factory.mktemp("cloud"),
                services.split(),
                # A hypervisor whose instances outlive it, and are the other compute node's as well.
                compute_driver="lasting.LastingDriver",
                instances_shared="yes",
                # A folder of a container is no disk.
                mount_check="false",
                # What one controller took in, all can give out.
                image_store="swift" if "swift" in services.split() else "file",
            )
        )
        cloud.share_volumes()
        yield cloud
    finally:
        pcs_os("lab", "down", "--name", NAME)


def available() -> float:
    """Memory that is to be had, in GiB."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return int(kib) / (1 << 20)


@pytest.fixture(scope="session")
def cloud(bare: LabCloud) -> LabCloud:
    """The cloud, deployed."""
    result = bare.deploy()
    print(f"\ndeployed in {result['seconds']:.0f} s")
    return bare
