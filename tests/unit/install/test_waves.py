"""The order of services and phases."""

import pytest

from pacemaker_os.install.phases.actions import ACTIONS
from pacemaker_os.install.phases.names import PHASES
from pacemaker_os.install.rollout.waves import infrastructure, openstack, waves
from pacemaker_os.openstack.definitions import NAMES, SERVICES, ordered

SELECTED = ("nova-compute", "horizon", "heat", "keystone")


def test_infrastructure_excludes_dependents_of_identity_service() -> None:
    found = {service.name for service in infrastructure(SELECTED)}
    assert {"system", "galera", "rabbitmq", "memcached", "haproxy"} <= found
    assert not {"keystone", "nova", "horizon", "heat"} & found


def test_first_wave_contains_only_identity_service() -> None:
    assert [service.name for service in waves(SELECTED)[0]] == ["keystone"]


@pytest.mark.parametrize("selected", [("keystone",), SELECTED, NAMES])
def test_services_follow_their_dependencies(selected: tuple[str, ...]) -> None:
    deployed: list[str] = []
    for service in (*infrastructure(selected), *openstack(selected)):
        assert set(service.needs) <= {*deployed, service.name}, service.name
        deployed.append(service.name)
    assert sorted(deployed) == sorted(service.name for service in ordered(selected))


def test_every_service_is_infrastructure_or_openstack() -> None:
    assert len(infrastructure(NAMES)) + len(openstack(NAMES)) == len(SERVICES)


def test_each_phase_has_an_action() -> None:
    assert tuple(ACTIONS) == PHASES
