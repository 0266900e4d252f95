"""One cloud for all tests in this directory, which the first of them deploys from bare containers.

`--debian` selects the release of the nodes, and with it the OpenStack release. PCS_OS_CLOUD names the
topology of an existing cloud in a lab, which is not deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from evacuation import Drill, host_of
from lab_cloud import LabCloud, needs, pcs_os, topology_of
from nova_client import Nova, ready

NAME = "ostest"

#: Number of instances on the compute node that fails.
COUNT = 40


@dataclass(frozen=True)
class CloudProfile:
    """The cloud for a Debian release: OpenStack series, services, settings, and required memory in GiB."""

    series: str
    services: str
    memory: float
    settings: Mapping[str, str] = field(default_factory=dict)


PROFILES = {
    "bookworm": CloudProfile(
        series="zed",
        services=(
            "instance-ha first-use nova-compute neutron-agents horizon cinder heat swift gnocchi ceilometer "
            "aodh etcd"
        ),
        memory=18.0,
    ),
    "trixie": CloudProfile(
        series="2025.1",
        services="instance-ha first-use nova-compute neutron-agents horizon",
        memory=14.5,
        # The kernel of the container host may lack Open vSwitch.
        settings={"ovs_datapath_type": "netdev"},
    ),
}


@pytest.fixture(scope="session")
def bare(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """Three controllers, and compute nodes if the cloud runs instances; only packages are installed."""
    existing = os.environ.get("PCS_OS_CLOUD")
    if existing:
        yield LabCloud(Path(existing))
        return
    debian = pytestconfig.getoption("debian")
    profile = PROFILES[debian]
    services = (pytestconfig.getoption("services") or profile.services).split()
    pcs_os("lab", "down", "--name", NAME)
    if services == profile.services.split() and available() < profile.memory:
        pytest.fail(
            f"the cloud needs {profile.memory:.0f} GiB of memory, and {available():.0f} GiB are available; "
            "select fewer services: --services 'instance-ha first-use nova-compute horizon'"
        )
    try:
        computes = pytestconfig.getoption("computes") if "nova-compute" in services else 0
        shape = ["--release", debian, "--image", "openstack", "--nodes", "3", "--remotes", str(computes)]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        cloud = LabCloud(
            topology_of(
                NAME,
                tmp_path_factory.mktemp("cloud"),
                services,
                profile.series,
                # A fake hypervisor whose instances survive nova-compute, with shared storage.
                compute_driver="lasting.LastingDriver",
                shared_instance_storage="yes",
                # A directory in a container is not a mount point.
                mount_check="false",
                # All controllers must serve images that one of them stored.
                image_store="swift" if "swift" in services else "file",
                **profile.settings,
            )
        )
        if "cinder" in services:
            cloud.share_volumes()
        yield cloud
    finally:
        pcs_os("lab", "down", "--name", NAME)


def available() -> float:
    """Return the available memory in GiB."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return int(kib) / (1 << 20)


@pytest.fixture(scope="session")
def cloud(bare: LabCloud) -> LabCloud:
    """The deployed cloud."""
    result = bare.deploy()
    print(f"\ndeployed in {result['seconds']:.0f} s")
    return bare


@pytest.fixture(scope="session")
def nova(cloud: LabCloud) -> Nova:
    """Nova of the cloud, with an image and a sufficient quota."""
    return ready(cloud)


@pytest.fixture(scope="module")
def two_hosts(cloud: LabCloud, nova: Nova) -> Iterator[list[str]]:
    """Two compute nodes; others are disabled in the meantime."""
    needs(cloud, "instance-ha", "nova-compute")
    first, second, *more = cloud.nodes("compute")
    for host in more:
        nova.set_status(host, "disabled")
    yield [first, second]
    nova.delete_all()
    for host in more:
        nova.set_status(host, "enabled")


@pytest.fixture
def drill(cloud: LabCloud, nova: Nova, two_hosts: list[str]) -> Drill:
    """Forty instances on one node: those of the previous test, or new ones if it left them on both nodes."""
    existing = nova.servers()
    if len(existing) != COUNT or len({host_of(each) for each in existing}) != 1:
        nova.delete_all()
        nova.create(two_hosts[0], COUNT)
    return Drill(cloud, nova, [each["id"] for each in nova.servers()])
