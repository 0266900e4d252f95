"""Target hosts of an evacuation with three compute nodes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from cloud_faults import controller, engine_parameters
from evacuation import Drill, host_of
from lab_cloud import LabCloud, needs, pcs_os
from nova_client import Nova, until

pytestmark = pytest.mark.cluster

#: Number of instances on the node that fails.
COUNT = 8

#: Timeout for a report, in seconds.
REPORT_TIMEOUT = 120.0


@pytest.fixture
def hosts(cloud: LabCloud, nova: Nova) -> Iterator[list[str]]:
    """Three enabled compute nodes; instances of a test are deleted afterwards."""
    needs(cloud, "instance-ha", "nova-compute")
    found = cloud.nodes("compute")
    if len(found) != 3:
        pytest.skip("these tests need three compute nodes: --computes 3")
    yield found
    nova.delete_all()
    for host in found:
        if nova.services()[host]["status"] != "enabled":
            nova.set_status(host, "enabled")


def instances_by_host(nova: Nova) -> Counter[str]:
    """Return the number of instances on each host."""
    return Counter(host_of(each) for each in nova.servers())


def test_instances_are_distributed_over_remaining_hosts(
    cloud: LabCloud, nova: Nova, hosts: list[str]
) -> None:
    drill = Drill(cloud, nova, nova.create(hosts[0], COUNT))
    drill.fail()
    drill.run_to_completion("killed, with two targets for eight instances")
    drill.assert_each_was_built_once()
    assert set(instances_by_host(nova)) == set(hosts[1:])


def test_reserved_host_replaces_failed_host(cloud: LabCloud, nova: Nova, hosts: list[str]) -> None:
    victim, _, reserved = hosts
    nova.set_status(reserved, "disabled")
    attributes = {"aggregate": {"name": "rack", "availability_zone": None}}
    rack = nova.request("POST", "/v2.1/os-aggregates", attributes)["aggregate"]["id"]
    nova.request("POST", f"/v2.1/os-aggregates/{rack}/action", {"add_host": {"host": victim}})
    drill = Drill(cloud, nova, nova.create(victim, COUNT))
    with engine_parameters(cloud, reserved_hosts=reserved):
        drill.fail()
        drill.run_to_completion("killed, with a reserved host")
    drill.assert_each_was_built_once()
    assert instances_by_host(nova) == {reserved: COUNT}
    assert nova.services()[reserved]["status"] == "enabled"
    members = nova.request("GET", f"/v2.1/os-aggregates/{rack}")["aggregate"]["hosts"]
    assert sorted(members) == [victim, reserved]
    for host in members:
        nova.request("POST", f"/v2.1/os-aggregates/{rack}/action", {"remove_host": {"host": host}})
    nova.request("DELETE", f"/v2.1/os-aggregates/{rack}")


def test_anti_affinity_group_waits_for_a_valid_host(cloud: LabCloud, nova: Nova, hosts: list[str]) -> None:
    """While the third host is disabled, no evacuation is requested, because Nova could only reject it."""
    victim, other, third = hosts
    attributes = {"server_group": {"name": "apart", "policy": "anti-affinity"}}
    group = nova.request("POST", "/v2.1/os-server-groups", attributes)["server_group"]["id"]
    (member,) = nova.create(victim, 1, group=group)
    nova.create(other, 1, group=group)
    nova.set_status(third, "disabled")
    requested = len(nova.migrations())
    drill = Drill(cloud, nova, [member])
    drill.fail()
    until(lambda: "anti-affinity" in reasons(cloud).get(member, ""), REPORT_TIMEOUT)
    assert len(nova.migrations()) == requested
    nova.set_status(third, "enabled")
    drill.run_to_completion("killed with a member of a group, whose third host was disabled")
    assert instances_by_host(nova) == {other: 1, third: 1}
    nova.request("DELETE", f"/v2.1/os-server-groups/{group}")


def reasons(cloud: LabCloud) -> dict[str, str]:
    """Return the reason for each instance that is not evacuated yet, from `instances status`."""
    args = ["instances", "status", "--container", controller(cloud).name, "--json"]
    hosts = json.loads(pcs_os(*args).stdout)["hosts"]
    return {each["id"]: each["reason"] for host in hosts for each in host["instances"]}
