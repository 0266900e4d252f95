"""Parts of services that the cluster runs during a deployment."""

import pytest
from small_deployment import TEXT, small

from pacemaker_os.install.rollout.partial_services import (
    already_configured,
    limited_to_ready_hosts,
    resource_ids,
)
from pacemaker_os.openstack.definitions import SERVICES

CLOUD = small(TEXT.replace("[keystone]", "[nova-compute]")).cloud
CONTROLLERS = ["controller01", "controller02", "controller03"]


def roles(name: str, ready: list[str]) -> dict[str, tuple[str, ...]]:
    return {unit.resource: unit.roles for unit in limited_to_ready_hosts(CLOUD, SERVICES[name], ready).units}


def test_limited_to_ready_hosts_omits_units_of_missing_compute_nodes() -> None:
    assert "nova-compute" not in roles("nova-compute", CONTROLLERS)
    assert roles("nova-compute", [*CONTROLLERS, "compute01"])["nova-compute"] == ("compute",)


def test_limited_to_ready_hosts_keeps_ready_roles() -> None:
    agent = "neutron-linuxbridge-agent"
    assert roles("neutron-agents", CONTROLLERS)[agent] == ("network",)
    assert roles("neutron-agents", [*CONTROLLERS, "compute01"])[agent] == ("network", "compute")


@pytest.mark.parametrize("ids", [set(), {"nova-api"}, {"nova-api", "nova-scheduler"}])
def test_already_configured_keeps_only_given_resources(ids: set[str]) -> None:
    assert resource_ids(already_configured(SERVICES["nova"], ids)) == ids


def test_resource_ids_include_explicit_resources() -> None:
    assert resource_ids(SERVICES["galera"]) == {"galera"}
    assert resource_ids(already_configured(SERVICES["galera"], {"galera"})) == {"galera"}
    assert resource_ids(already_configured(SERVICES["galera"], {"keystone"})) == set()
