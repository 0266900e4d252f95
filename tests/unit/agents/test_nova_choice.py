"""The selection of instances, their order, and their targets."""

from __future__ import annotations

from collections import Counter

import pytest
from nova_site import all_well, site

from pacemaker_os.agents.nova_evacuate.nova.forced_down import mark_down

EXCLUDED = {
    "amphora": ({"name": "amphora-1f"}, "excluded by the rule name:amphora-*"),
    "gpu": ({"flavor": {"extra_specs": {"pci_passthrough:alias": "a1:1"}}}, "uses a PCI device"),
    "local": ({"image": {"id": "i"}}, "its root disk is local and would be empty after an evacuation"),
    "ephemeral": (
        {"flavor": {"ephemeral": 5}},
        "its ephemeral disk is local",
    ),
    "paused": ({"vm_state": "paused"}, "Nova cannot evacuate an instance in the state paused"),
    "broken": ({"vm_state": "error"}, "in ERROR before its host failed"),
    "moving": ({"task_state": "migrating"}, "being migrated when its host failed (migrating)"),
    "tagged": ({"tags": ["no-ha"]}, "excluded by the rule tag:no-ha"),
}


@pytest.mark.parametrize("name", EXCLUDED)
def test_unsafe_evacuation_is_reported_and_skipped(name: str) -> None:
    fields, reason = EXCLUDED[name]
    found = site(1, shared_storage=False, exclude="name:amphora-* tag:no-ha")
    found.cloud.boot(name, "compute1", **dict(fields))
    found.fence("compute1", back=True)
    while found.cluster.requests:
        found.step()
        if name in found.states():
            assert found.states()[name] == "skipped"
            assert found.reasons()[name].startswith(reason)
    assert found.cloud.guests[name].host == "compute1"
    assert found.cloud.guests["vm00"].host != "compute1"
    assert [move.guest for move in found.cloud.moves] == ["vm00"]


def test_evacuations_follow_priority_and_max_concurrent() -> None:
    found = site(0, max_concurrent=2)
    for n, weight in enumerate(["1", "30", "", "200"]):
        found.cloud.boot(f"vm{n}", "compute1", metadata={"evacuation-priority": weight})
    found.fence("compute1")
    most = 0
    while found.cluster.requests:
        found.step(0.2)
        most = max(most, sum(move.under_way for move in found.cloud.moves))
    assert [move.guest for move in found.cloud.moves] == ["vm3", "vm1", "vm0", "vm2"]
    assert most == 2


def test_next_evacuation_starts_after_rebuild_not_after_move() -> None:
    """Nova needed 8 s for the move after a rebuild of 1 s."""
    found = site(2, max_concurrent=1)
    found.cloud.slow = lambda guest: 20.0
    found.fence("compute1")
    found.run(10)
    assert len(found.cloud.moves) == 2
    found.until_closed()
    all_well(found)


def test_missing_capacity_is_waited_for_until_timeout() -> None:
    found = site(2, 2, capacity_timeout=100.0)
    found.cloud.machines["compute2"].vcpus = 1
    found.fence("compute1")
    took = found.until_closed()
    assert took > 100
    assert Counter(found.states().values()) == {"evacuated": 1, "failed": 1}
    assert "no eligible host has 1 VCPU" in found.report.summary()
    assert len(found.cloud.moves) == 1  # the engine avoided an error of Nova
    assert {guest.vm_state for guest in found.cloud.guests.values()} == {"active"}


def test_returned_node_runs_instances_without_other_host() -> None:
    found = site(2, 2)
    found.cloud.machines["compute2"].vcpus = 1
    found.fence("compute1", back=True)
    assert found.until_closed() < 20
    found.run(5)
    assert sorted(guest.host for guest in found.cloud.guests.values()) == ["compute1", "compute2"]
    assert found.cloud.violations == []


def test_anti_affinity_is_checked_first() -> None:
    found = site(1, 2, capacity_timeout=50.0)
    found.cloud.boot("other", "compute2")
    found.cloud.groups = [{"policy": "anti-affinity", "members": ["vm00", "other"], "rules": {}}]
    found.fence("compute1")
    found.until_closed()
    assert found.cloud.moves == []
    assert "its server group (anti-affinity) allows none of the other hosts" in found.report.summary()


def test_rules_select_instances() -> None:
    found = site(1, include="flavor:ha=true image:ha=true aggregate:ha=true tag:ha metadata:HA_Enabled=true")
    found.cloud.boot("flavor", "compute1", flavor={"extra_specs": {"ha": "True"}})
    found.cloud.boot("image", "compute1", image={"id": "good"})
    found.cloud.boot("tag", "compute1", tags=["ha"])
    found.cloud.boot("metadata", "compute1", metadata={"HA_Enabled": "True"})
    found.cloud.images["good"] = {"ha": "true", "tags": []}
    found.fence("compute1")
    found.until_closed()
    assert {move.guest for move in found.cloud.moves} == {"flavor", "image", "tag", "metadata"}
    assert found.reasons()["vm00"] == "no rule of 'include' matches"


def test_aggregate_rule_applies_to_all_its_hosts() -> None:
    found = site(2, include="aggregate:ha=true")
    found.cloud.aggregates = [{"id": 1, "name": "a", "hosts": ["compute1"], "metadata": {"ha": "true"}}]
    found.fence("compute1")
    found.until_closed()
    all_well(found)


@pytest.mark.parametrize("by_fencing", [True, False])
def test_reserved_host_replaces_failed_host(by_fencing: bool) -> None:
    """Either fence_nova or the engine marks the failed host: fence_nova does so first if Nova responds."""
    found = site(4, 3, reserved_hosts="compute3")
    machine = found.cloud.machines["compute3"]
    machine.status, machine.reason = "disabled", "reserved"
    found.cloud.aggregates = [{"id": 1, "name": "a", "hosts": ["compute1"], "metadata": {}}]
    found.fence("compute1")
    if by_fencing:
        mark_down(found.nova(), ["compute1"], found.cluster.of("compute1"))
    found.until_closed()
    all_well(found)
    assert {guest.host for guest in found.cloud.guests.values()} == {"compute3"}
    assert found.cloud.aggregates[0]["hosts"] == ["compute1", "compute3"]
    assert machine.status == "enabled"
