"""The evacuation of a failed compute node, and its return."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nova_site import all_well, site, successes

from pacemaker_os.agents.nova_evacuate.engine.cleanup import MAX_LOCKED
from pacemaker_os.agents.nova_evacuate.nova import marker


def test_forty_instances_are_evacuated_once() -> None:
    found = site(40, 2)
    found.fence("compute1")
    took = found.until_closed()
    all_well(found)
    assert len(found.cloud.moves) == 40
    assert took < 40 * 1.6 + 10


def test_poll_reads_moved_instances_with_one_query() -> None:
    """With one query per instance, twenty moved instances delayed the next evacuation by 8 s."""
    found = site(40, 2)
    found.fence("compute1")
    found.until_closed()
    assert not [call for call in found.cloud.calls if call.startswith("GET /compute/servers/vm")]


def test_rebuilds_come_before_unlocking() -> None:
    """Unlocking forty instances took as long as rebuilding ten."""
    found = site(20, 2)
    found.fence("compute1")
    found.run(25)
    moved = [guest for guest in found.cloud.guests.values() if guest.host == "compute2"]
    assert 0 < len(moved) < 20
    assert all(guest.locked for guest in moved)
    found.until_closed()
    all_well(found)


def test_slow_evacuation_does_not_block_unlocking() -> None:
    found = site(2, 2)
    found.fence("compute1")
    while found.cloud.guests["vm00"].host != "compute2":
        found.step()
    found.cloud.machines["compute2"].computing = False  # nova-compute of the target hangs
    found.run(5)
    assert found.cloud.guests["vm00"].locked
    found.run(MAX_LOCKED)
    assert found.states()["vm01"] == "in-progress"
    assert not found.cloud.guests["vm00"].locked


def test_poll_without_request_does_nothing() -> None:
    """While a controller restarts, compute services look down in Nova, but not in Pacemaker."""
    found = site()
    found.cloud.bus_is_down = True
    found.run(200)
    assert {each["state"] for each in found.cloud.get_services([], {}, None)[1]["services"]} == {"down"}
    assert found.cloud.moves == []
    assert all(m.status == "enabled" and not m.forced_down for m in found.cloud.machines.values())
    assert all(call.startswith(("GET", "POST /v3")) for call in found.cloud.calls)


def test_host_forced_down_by_operator_is_skipped() -> None:
    found = site()
    found.cloud.machines["compute1"].forced_down = True
    found.run(100)
    found.fence("compute1")
    found.step()
    assert (found.cloud.moves, found.cluster.requests) == ([], {})
    assert found.report.hosts[0].note == "skipped: an operator forced this compute service down"
    found.come_back("compute1")
    found.run(100)
    assert found.cloud.machines["compute1"].forced_down


def test_node_is_re_enabled_after_its_evacuation() -> None:
    found = site()
    found.fence("compute1", back=True)
    found.run(5)
    assert "compute1" in found.cluster.there  # early,
    assert "compute1" not in found.cluster.computes  # but nova-compute did not start
    found.until_closed()
    found.run(10)
    machine = found.cloud.machines["compute1"]
    assert (machine.forced_down, machine.status, machine.reason) == (False, "enabled", None)
    assert machine.disk == set()
    all_well(found)


def test_previously_disabled_service_stays_disabled() -> None:
    found = site()
    machine = found.cloud.machines["compute1"]
    machine.status, machine.reason = "disabled", "new memory on Monday"
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    assert (machine.forced_down, machine.status) == (False, "disabled")
    assert machine.reason == "new memory on Monday"


def test_reenable_no_leaves_service_disabled() -> None:
    found = site(reenable=False)
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    machine = found.cloud.machines["compute1"]
    assert (machine.forced_down, machine.status) == (False, "disabled")


def test_second_failure_of_a_node_is_a_new_request() -> None:
    found = site()
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    found.cloud.boot("new", "compute1")
    found.fence("compute1")
    found.until_closed()
    assert found.cloud.guests["new"].host != "compute1"
    assert set(successes(found.cloud).values()) == {1}
    assert found.cloud.violations == []


def test_node_that_fails_again_before_it_is_re_enabled() -> None:
    found = site()
    found.broken.add("compute1")
    found.fence("compute1", back=True)
    found.until_closed()
    found.fence("compute1", back=True)
    found.until_closed()
    found.broken.clear()
    found.run(10)
    assert found.cloud.machines["compute1"].status == "enabled"
    all_well(found)


def test_threshold_exceeded_suspends_evacuation() -> None:
    found = site(6, 5)
    for n in (1, 2, 3):
        found.fence(f"compute{n}")
    found.run(60)
    assert found.cloud.moves == []
    assert "3 of 5 compute nodes are down, above the threshold of 50 %" in found.report.summary()
    assert found.engine
    found.settings = found.engine.settings = replace(found.settings, threshold=80)
    found.until_closed()
    all_well(found)


def test_threshold_allows_two_failed_hosts() -> None:
    found = site(6, 3)
    found.fence("compute1")
    found.fence("compute2")
    found.until_closed()
    all_well(found)


def test_stopped_instance_stays_stopped() -> None:
    found = site(0)
    found.cloud.boot("stopped", "compute1", vm_state="stopped")
    found.cloud.boot("active", "compute1")
    found.fence("compute1")
    found.until_closed()
    assert {g.id: g.vm_state for g in found.cloud.guests.values()} == {
        "stopped": "stopped",
        "active": "active",
    }
    assert found.cloud.guests["stopped"].host != "compute1"


def test_stopped_instance_stays_stopped_after_failed_attempt() -> None:
    """Nova forgets that an instance was stopped when an evacuation fails; the lock reason records it."""
    found = site(0)
    found.cloud.boot("stopped", "compute1", vm_state="stopped")
    found.cloud.failing = lambda guest, target: len(found.cloud.moves) == 1
    found.fence("compute1")
    found.until_closed()
    assert len(found.cloud.moves) == 2
    guest = found.cloud.guests["stopped"]
    assert (guest.vm_state, guest.locked) == ("stopped", False)
    assert guest.id not in found.cloud.machines[guest.host].runs


@pytest.mark.parametrize("left", ["done", "pre-migrating"])
def test_rebuilt_instance_with_lost_message_is_reset_from_error(left: str) -> None:
    """The message bus lost a node during forty rebuilds: one instance was in ERROR although it ran."""
    found = site(3)
    found.cloud.unanswered = lambda guest: left if guest == "vm01" else ""
    found.fence("compute1")
    found.until_closed(150)
    found.come_back("compute1")
    found.run(30)
    all_well(found)


def test_slow_move_after_rebuild_is_not_repeated() -> None:
    """Conductors that had just restarted needed 90 s; the instance looked as if its state had been reset."""
    found = site(3)
    found.cloud.slow = lambda guest: 150.0 if guest == "vm01" else 0.0
    found.fence("compute1")
    found.until_closed()
    all_well(found)
    assert len(found.cloud.moves) == 3


def test_failed_instance_is_reset_from_error() -> None:
    found = site(1, max_attempts=2)
    found.cloud.failing = lambda guest, target: True
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    guest = found.cloud.guests["vm00"]
    assert (guest.host, guest.vm_state, guest.locked) == ("compute1", "active", False)
    assert "vm00" in found.cloud.machines["compute1"].runs


def test_failing_evacuation_is_retried_until_max_attempts() -> None:
    found = site(3, max_attempts=3)
    found.cloud.failing = lambda guest, target: guest == "vm01"
    found.fence("compute1")
    took = found.until_closed()
    assert [move.status for move in found.cloud.moves if move.guest == "vm01"] == ["failed"] * 3
    assert took > 10 + 20
    assert found.states()["vm01"] == "failed"
    assert found.cloud.violations == []


def test_evacuation_that_fails_once_succeeds_later() -> None:
    found = site(3)
    found.cloud.failing = lambda guest, target: len(found.cloud.moves) <= 3
    found.fence("compute1")
    found.until_closed()
    all_well(found)


def test_stuck_evacuation_is_reported_and_blocks_the_node() -> None:
    found = site(2, 2, evacuation_timeout=120.0)
    found.fence("compute1", back=True)
    found.run(3)
    found.cloud.machines["compute2"].computing = False  # nova-compute of the target hangs
    found.cloud.bus_is_down = False
    found.run(300)
    assert "stuck" in found.report.summary()
    assert "compute1" not in found.cluster.computes
    found.cloud.start_compute("compute2")
    found.until_closed()
    assert found.cloud.violations == []


def test_deleted_instance_completes_the_evacuation() -> None:
    found = site(3)
    found.fence("compute1")
    found.run(2)
    del found.cloud.guests["vm02"]
    found.until_closed()
    assert found.report.problems == []
    assert set(found.cloud.guests) == {"vm00", "vm01"}


def test_lock_of_owner_is_kept() -> None:
    found = site(0)
    found.cloud.boot("mine", "compute1", locked=True, locked_reason="do not touch")
    found.step()
    found.fence("compute1")
    assert found.until_closed() < 30
    guest = found.cloud.guests["mine"]
    assert (guest.host != "compute1", guest.locked, guest.locked_reason) == (True, True, "do not touch")


def test_instances_are_locked_during_evacuation() -> None:
    found = site(3)
    found.fence("compute1")
    found.run(2)
    assert all(marker.is_ours(guest.locked_reason) for guest in found.cloud.guests.values())
    found.until_closed()
    assert not any(guest.locked for guest in found.cloud.guests.values())


def test_stale_lock_of_killed_engine_is_removed() -> None:
    found = site(0)
    found.cloud.boot("left", "compute2", locked=True, locked_reason=marker.lock("20260101T000000Z-0000"))
    found.step()
    assert not found.cloud.guests["left"].locked


def test_delay_postpones_evacuation() -> None:
    found = site(1, delay=1e9 * 4)
    found.fence("compute1")
    found.run(5)
    assert found.cloud.moves == []
    assert "(parameter 'delay')" in found.report.hosts[0].note


def test_poll_without_quorum_does_nothing() -> None:
    found = site()
    found.cluster.has_quorum = False
    found.fence("compute1")
    found.run(10)
    assert (found.cloud.moves, found.cloud.calls) == ([], [])
    assert "no quorum" in found.report.summary()


def test_node_with_running_nova_compute_is_not_evacuated() -> None:
    """An operator ran fence_nova manually: there is a request, but the node was never off."""
    found = site()
    found.cluster.record("compute1")
    found.run(30)
    assert found.cloud.moves == []
    assert "it was not fenced" in found.report.hosts[0].note


def test_host_without_nova_compute_is_disabled() -> None:
    found = site()
    found.cloud.machines["compute2"].computing = False
    found.broken.add("compute2")
    found.cluster.computes.discard("compute2")
    found.run(300)
    machine = found.cloud.machines["compute2"]
    assert (machine.status, machine.reason) == ("disabled", marker.PROCESS)
    assert found.cloud.moves == []
    found.broken.clear()
    found.run(10)
    assert (machine.status, machine.reason) == ("enabled", None)


def test_node_unknown_to_nova_is_reported() -> None:
    found = site()
    found.cluster.record("compute9")
    found.step()
    assert "Nova has no compute service with this host name" in found.report.summary()
