"""What a dead agent of Neutron had goes to a living one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab_cloud import LabCloud, needs
from nova_asked import until

pytestmark = pytest.mark.cluster

#: Neutron takes an agent for dead after 75 s, and looks every 37 s.
MOVED = 240.0


@pytest.fixture
def router(cloud: LabCloud) -> Iterator[str]:
    """A router without HA, on the agent of one host."""
    needs(cloud, "neutron-agents")
    cloud.openstack("network create plain")
    cloud.openstack("subnet create --network plain --subnet-range 192.0.2.0/24 plain")
    cloud.openstack("router create --no-ha plain")
    cloud.openstack("router add subnet plain plain")
    yield "plain"
    cloud.openstack("router remove subnet plain plain")
    cloud.openstack("router delete plain")
    cloud.openstack("network delete plain")


def hosts(cloud: LabCloud, router: str) -> list[str]:
    """Where a router is."""
    return cloud.openstack(f"network agent list --router {router} -f value -c Host").split()


def test_a_router_of_a_dead_agent_goes_to_a_living_one(cloud: LabCloud, router: str) -> None:
    (home,) = until(lambda: hosts(cloud, router), MOVED)
    node = cloud.node(home)
    node.run(["crm_resource", "--resource", "neutron-l3-agent-clone", "--ban", "--node", home])
    try:
        moved = until(lambda: [name for name in hosts(cloud, router) if name != home], MOVED)
    finally:
        node.run(["crm_resource", "--resource", "neutron-l3-agent-clone", "--clear", "--node", home])
    (there,) = moved
    number = cloud.openstack(f"router show {router} -f value -c id")
    namespaces = ["ip", "netns", "list"]
    until(lambda: f"qrouter-{number}" in cloud.node(there).run(namespaces).text, MOVED)
