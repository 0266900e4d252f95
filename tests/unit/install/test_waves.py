"""The order of services and phases."""

import pytest

from pacemaker_os.install.phases.actions import ACTIONS
from pacemaker_os.install.phases.names import PHASES
from pacemaker_os.install.rollout.waves import infrastructure, openstack, waves
from pacemaker_os.openstack.definitions import NAMES, SERVICES, ordered

CHOSEN = ("nova-compute", "horizon", "heat", "keystone")


def test_infrastructure_is_what_comes_before_the_identity_service() -> None:
    found = {service.name for service in infrastructure(CHOSEN)}
    assert {"system", "galera", "rabbitmq", "memcached", "haproxy"} <= found
    assert not {"keystone", "nova", "horizon", "heat"} & found


def test_the_identity_service_is_alone_in_the_first_wave() -> None:
    assert [service.name for service in waves(CHOSEN)[0]] == ["keystone"]


@pytest.mark.parametrize("chosen", [("keystone",), CHOSEN, NAMES])
def test_each_service_comes_once_and_after_what_it_needs(chosen: tuple[str, ...]) -> None:
    come: list[str] = []
    for service in (*infrastructure(chosen), *openstack(chosen)):
        assert set(service.needs) <= {*come, service.name}, service.name
        come.append(service.name)
    assert sorted(come) == sorted(service.name for service in ordered(chosen))


def test_every_service_of_the_catalogue_has_a_place() -> None:
    assert len(infrastructure(NAMES)) + len(openstack(NAMES)) == len(SERVICES)


def test_each_phase_has_an_action() -> None:
    assert tuple(ACTIONS) == PHASES
