"""One cloud for all tests here: deployed once from bare containers, as the first of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_cloud import LabCloud, pcs_os, topology_of

NAME = "ostest"

SERVICES = ["first-use", "nova-compute", "neutron-agents", "horizon"]


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """Three controllers and a compute node of Debian 12 with nothing on them but packages."""
    pcs_os("lab", "down", "--name", NAME)
    try:
        shape = ["--release", "bookworm", "--image", "openstack", "--nodes", "3", "--remotes", "1"]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        folder: Path = tmp_path_factory.mktemp("cloud")
        yield LabCloud(NAME, topology_of(NAME, folder, SERVICES))
    finally:
        pcs_os("lab", "down", "--name", NAME)


@pytest.fixture(scope="session")
def cloud(bare: LabCloud) -> LabCloud:
    """The cloud, deployed."""
    result = bare.deploy()
    print(f"\ndeployed in {result['seconds']:.0f} s")
    return bare
