"""The shipped topologies can be deployed: every host and the cluster document can be rendered."""

from dataclasses import replace
from pathlib import Path

import pytest

from pacemaker_os.document import Source, read
from pacemaker_os.install.nodes.program import installed_programs
from pacemaker_os.install.topology.topology_file import load_deployment
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.document import cluster_document
from pacemaker_os.openstack.render import desired_host
from pacemaker_os.openstack.secret_names import secret_names
from pacemaker_os.secret import Secret

SHIPPED = sorted((Path(__file__).parents[3] / "cib" / "topologies").glob("*.yaml"))


def test_topologies_cover_each_architecture() -> None:
    assert [path.stem for path in SHIPPED] == [
        "one-controller",
        "storage-nodes",
        "three-controllers",
        "two-front-nodes",
        "vip-per-service",
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.stem))
def test_topology_names_its_source(path: Path) -> None:
    comment = path.read_text().partition("\nname:")[0]
    assert "\n# Source: " in comment


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.stem))
@pytest.mark.parametrize("step", [1, -1], ids=["in order", "reversed"])
def test_topology_renders_every_host(path: Path, step: int) -> None:
    cloud = load_deployment(str(path)).cloud
    cloud = replace(cloud, hosts=cloud.hosts[::step])
    services = ordered(cloud.services)
    cloud = replace(cloud, services=tuple(service.name for service in services))
    secrets = {name: Secret("word") for name in secret_names(cloud)}
    for host in cloud.hosts:
        assert desired_host(cloud, host, secrets, installed_programs()).packages
    document = read([Source("cloud.cib.yaml", cluster_document(cloud, services))])
    assert document.name == cloud.name
