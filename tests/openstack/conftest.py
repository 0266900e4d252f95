"""One cloud for all tests here: deployed once from bare containers, as the first of them.

PCS_OS_CLOUD names the topology of a cloud in a lab that is there already, and stays.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_cloud import LabCloud, pcs_os, topology_of

NAME = "ostest"

SERVICES = ["first-use", "nova-compute", "neutron-agents", "horizon"]


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """Three controllers and a compute node of Debian 12 with nothing on them but packages."""
    there = os.environ.get("PCS_OS_CLOUD")
    if there:
        yield LabCloud(Path(there))
        return
    pcs_os("lab", "down", "--name", NAME)
    try:
        shape = ["--release", "bookworm", "--image", "openstack", "--nodes", "3", "--remotes", "1"]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        yield LabCloud(topology_of(NAME, tmp_path_factory.mktemp("cloud"), SERVICES))
    finally:
        pcs_os("lab", "down", "--name", NAME)


@pytest.fixture(scope="session")
def cloud(bare: LabCloud) -> LabCloud:
    """The cloud, deployed."""
    result = bare.deploy()
    print(f"\ndeployed in {result['seconds']:.0f} s")
    return bare
