"""A compute node dies under forty instances of real Nova: each runs again elsewhere, once.

Every test lets the node fail that has the instances, and leaves them on the other, for the next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import yaml
from evacuation import Drill
from lab_cloud import LabCloud, pcs_os
from nova_asked import Nova, until

pytestmark = pytest.mark.cluster

#: How many instances die with their node.
COUNT = 40

#: Until Nova takes a nova-compute that says nothing for dead, and a while longer, in seconds.
SILENT, AFTERWARDS = 120.0, 20.0


@pytest.fixture(scope="module")
def nova(cloud: LabCloud) -> Nova:
    secrets = yaml.safe_load(cloud.topology.with_name("cloud.secrets.yaml").read_text())
    return Nova(cloud.vip, secrets["admin"])


@pytest.fixture(scope="module")
def instances(cloud: LabCloud, nova: Nova) -> Iterator[list[str]]:
    """Forty instances on the first compute node."""
    cloud.openstack("quota set --instances 200 --cores 200 --ram 1000000 admin")
    if not nova.ask("GET", "/v2/images", service="image")["images"]:
        cloud.openstack("image create --disk-format raw --container-format bare probe", stdin=bytes(65536))
    yield nova.create(cloud.nodes("compute")[0], COUNT)
    nova.delete_all()


@pytest.fixture
def drill(cloud: LabCloud, nova: Nova, instances: list[str]) -> Drill:
    return Drill(cloud, nova, instances)


def test_all_run_again_elsewhere_each_once(drill: Drill) -> None:
    drill.fail()
    drill.see_through("killed")


def test_the_agent_is_killed_three_times_meanwhile(drill: Drill) -> None:
    drill.fail()
    drill.see_through("killed, and the agent at each third", at=dict.fromkeys((1, 14, 27), drill.kill_agent))


def test_the_controller_of_the_agent_dies_meanwhile(drill: Drill) -> None:
    drill.fail()
    drill.see_through("killed, and the agent's controller", at={5: drill.kill_agents_controller})
    drill.wait_whole()


def test_all_controllers_lose_power_meanwhile(drill: Drill, cloud: LabCloud) -> None:
    def lose_power() -> None:
        controllers = cloud.nodes("controller")
        pcs_os("lab", "fault", "power-loss", "--name", cloud.lab, *controllers)
        pcs_os("lab", "fault", "heal", "--name", cloud.lab, *controllers)

    drill.fail()
    drill.see_through("killed, and all controllers power-cycled", at={5: lose_power}, patience=900.0)
    drill.wait_whole()


def test_a_node_that_is_cut_off_is_fenced_first(drill: Drill) -> None:
    drill.fail("partition")
    drill.see_through("cut off")


def test_nova_breaks_every_connection_for_half_a_minute(drill: Drill) -> None:
    drill.fail()
    drill.see_through("killed, and Nova away for 30 s", at={1: lambda: drill.break_api(30.0)})


def test_a_living_node_that_nova_takes_for_dead_keeps_its_instances(drill: Drill, nova: Nova) -> None:
    there, before = drill.where_they_run(), len(nova.migrations())
    with drill.silent_nova_compute():
        until(lambda: nova.services()[drill.victim]["state"] == "down", SILENT)
        end = time.monotonic() + AFTERWARDS
        while time.monotonic() < end:
            assert not drill.request(drill.victim)
            time.sleep(1)
    until(lambda: nova.services()[drill.victim]["state"] == "up", SILENT)
    assert drill.where_they_run() == there
    assert len(nova.migrations()) == before


def test_the_only_other_node_dies_as_well(drill: Drill) -> None:
    drill.fail()
    drill.see_home("both killed", at={5: drill.kill_target})
