"""Rescheduling of routers from failed Neutron agents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab_cloud import LabCloud, needs
from nova_client import until

pytestmark = pytest.mark.cluster

#: Timeout in seconds. Neutron reports an agent as dead after 75 s and checks every 37 s.
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
    """Return the hosts of a router."""
    return cloud.openstack(f"network agent list --router {router} -f value -c Host").split()


def test_router_moves_from_stopped_agent_to_another(cloud: LabCloud, router: str) -> None:
    (home,) = until(lambda: hosts(cloud, router), MOVED)
    node = cloud.node(home)
    node.run(["crm_resource", "--resource", "neutron-l3-agent-clone", "--ban", "--node", home])
    try:
        moved = until(lambda: [name for name in hosts(cloud, router) if name != home], MOVED)
    finally:
        node.run(["crm_resource", "--resource", "neutron-l3-agent-clone", "--clear", "--node", home])
    (target,) = moved
    number = cloud.openstack(f"router show {router} -f value -c id")
    namespaces = ["ip", "netns", "list"]
    until(lambda: f"qrouter-{number}" in cloud.node(target).run(namespaces).text, MOVED)
