"""A compute node of three dies under real Nova: which of the two others takes its instances."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from evacuation import Drill, host_of
from lab_cloud import LabCloud, needs, pcs_os
from nova_asked import Nova, until
from trouble import controller, engine_told

pytestmark = pytest.mark.cluster

#: How many instances die with their node.
COUNT = 8

#: Until something is reported, in seconds.
REPORTED = 120.0


@pytest.fixture
def hosts(cloud: LabCloud, nova: Nova) -> Iterator[list[str]]:
    """Three compute nodes that take instances; whatever a test makes is deleted."""
    needs(cloud, "instance-ha", "nova-compute")
    found = cloud.nodes("compute")
    if len(found) != 3:
        pytest.skip("the cloud has other than three compute nodes: --computes 3")
    yield found
    nova.delete_all()
    for host in found:
        if nova.services()[host]["status"] != "enabled":
            nova.switch(host, "enabled")


def where(nova: Nova) -> Counter[str]:
    """How many instances each host has."""
    return Counter(host_of(each) for each in nova.servers())


def test_they_are_spread_over_all_others(cloud: LabCloud, nova: Nova, hosts: list[str]) -> None:
    drill = Drill(cloud, nova, nova.create(hosts[0], COUNT))
    drill.fail()
    drill.see_through("killed, with two others to take eight")
    drill.assert_each_was_built_once()
    assert set(where(nova)) == set(hosts[1:])


def test_a_reserved_host_takes_the_place_of_the_dead_one(
    cloud: LabCloud, nova: Nova, hosts: list[str]
) -> None:
    victim, _, reserve = hosts
    nova.switch(reserve, "disabled")
    said = {"aggregate": {"name": "rack", "availability_zone": None}}
    rack = nova.ask("POST", "/v2.1/os-aggregates", said)["aggregate"]["id"]
    nova.ask("POST", f"/v2.1/os-aggregates/{rack}/action", {"add_host": {"host": victim}})
    drill = Drill(cloud, nova, nova.create(victim, COUNT))
    with engine_told(cloud, reserved_hosts=reserve):
        drill.fail()
        drill.see_through("killed, with a reserved host")
    drill.assert_each_was_built_once()
    assert where(nova) == {reserve: COUNT}
    assert nova.services()[reserve]["status"] == "enabled"
    members = nova.ask("GET", f"/v2.1/os-aggregates/{rack}")["aggregate"]["hosts"]
    assert sorted(members) == [victim, reserve]
    for host in members:
        nova.ask("POST", f"/v2.1/os-aggregates/{rack}/action", {"remove_host": {"host": host}})
    nova.ask("DELETE", f"/v2.1/os-aggregates/{rack}")


def test_members_of_a_group_stay_apart_and_wait_for_room(
    cloud: LabCloud, nova: Nova, hosts: list[str]
) -> None:
    """Their third host is disabled at first, and Nova is not asked for what it could only refuse."""
    victim, other, third = hosts
    said = {"server_group": {"name": "apart", "policy": "anti-affinity"}}
    group = nova.ask("POST", "/v2.1/os-server-groups", said)["server_group"]["id"]
    (mine,) = nova.create(victim, 1, group=group)
    nova.create(other, 1, group=group)
    nova.switch(third, "disabled")
    asked = len(nova.migrations())
    drill = Drill(cloud, nova, [mine])
    drill.fail()
    until(lambda: "anti-affinity" in reasons(cloud).get(mine, ""), REPORTED)
    assert len(nova.migrations()) == asked
    nova.switch(third, "enabled")
    drill.see_through("killed with a member of a group, whose third host was disabled")
    assert where(nova) == {other: 1, third: 1}
    nova.ask("DELETE", f"/v2.1/os-server-groups/{group}")


def reasons(cloud: LabCloud) -> dict[str, str]:
    """What `instances status` says of each instance that does not run again yet."""
    line = ["instances", "status", "--container", controller(cloud).name, "--json"]
    hosts = json.loads(pcs_os(*line).stdout)["hosts"]
    return {each["id"]: each["reason"] for host in hosts for each in host["instances"]}
