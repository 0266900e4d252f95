"""The topologies that are shipped can be deployed: each host and the document can be made of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from pacemaker_os.document import Source, read
from pacemaker_os.install.topology.topology_file import load_deployment
from pacemaker_os.openstack import render
from pacemaker_os.openstack.catalogue import ordered
from pacemaker_os.openstack.document import cluster_document
from pacemaker_os.secret import Secret

FOLDER = Path(__file__).parents[3] / "cib" / "topologies"
SHIPPED = sorted(FOLDER.glob("*.yaml"))


def test_there_is_one_for_each_way_of_building_a_cloud() -> None:
    assert [path.stem for path in SHIPPED] == [
        "seed-000",
        "seed-001",
        "seed-003",
        "seed-004",
        "three-controllers",
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.stem))
@pytest.mark.parametrize("way", [1, -1], ids=["as it is", "nodes the other way round"])
def test_a_shipped_topology_can_be_deployed(path: Path, way: int) -> None:
    cloud = load_deployment(str(path)).cloud
    cloud = replace(cloud, hosts=cloud.hosts[::way])
    services = ordered(cloud.services)
    cloud = replace(cloud, services=tuple(service.name for service in services))
    secrets = {name: Secret("word") for name in render.secret_names(cloud)}
    for host in cloud.hosts:
        assert render.wanted_host(cloud, host, secrets).packages
    document = read([Source("cloud.cib.yaml", cluster_document(cloud, services))])
    assert document.name == cloud.name
