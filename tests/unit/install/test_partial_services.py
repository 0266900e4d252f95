"""What the cluster can have of a service while a deployment goes on."""

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


def places(name: str, ready: list[str]) -> dict[str, tuple[str, ...]]:
    return {unit.resource: unit.roles for unit in limited_to_ready_hosts(CLOUD, SERVICES[name], ready).units}


def test_what_runs_on_compute_nodes_waits_for_them() -> None:
    assert "nova-compute" not in places("nova-compute", CONTROLLERS)
    assert places("nova-compute", [*CONTROLLERS, "compute01"])["nova-compute"] == ("compute",)


def test_what_runs_on_both_begins_on_controllers() -> None:
    agent = "neutron-linuxbridge-agent"
    assert places("neutron-agents", CONTROLLERS)[agent] == ("network",)
    assert places("neutron-agents", [*CONTROLLERS, "compute01"])[agent] == ("network", "compute")


@pytest.mark.parametrize("ids", [set(), {"nova-api"}, {"nova-api", "nova-scheduler"}])
def test_of_a_service_that_is_there_only_that_stays(ids: set[str]) -> None:
    assert resource_ids(already_configured(SERVICES["nova"], ids)) == ids


def test_resources_that_a_page_spells_out_are_counted() -> None:
    assert resource_ids(SERVICES["galera"]) == {"galera"}
    assert resource_ids(already_configured(SERVICES["galera"], {"galera"})) == {"galera"}
    assert resource_ids(already_configured(SERVICES["galera"], {"keystone"})) == set()
