"""What becomes of the instances of a dead compute node, and of the node when it returns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nova_site import all_well, site, successes

from pacemaker_os.agents.nova_evacuate.engine.cleanup import LOCKED
from pacemaker_os.agents.nova_evacuate.nova import marker


def test_forty_instances_run_again_each_once_and_soon() -> None:
    found = site(40, 2)
    found.fence("compute1")
    took = found.until_closed()
    all_well(found)
    assert len(found.cloud.moves) == 40
    assert took < 40 * 1.6 + 10


def test_what_has_moved_is_looked_at_with_one_question() -> None:
    """Twenty that had moved at once were asked for one by one, and the next waited for eight seconds."""
    found = site(40, 2)
    found.fence("compute1")
    found.until_closed()
    assert not [call for call in found.cloud.calls if call.startswith("GET /compute/servers/vm")]


def test_what_is_still_to_be_built_goes_before_unlocking_what_runs() -> None:
    """Unlocking forty took as long as building ten of them."""
    found = site(20, 2)
    found.fence("compute1")
    found.run(25)
    moved = [guest for guest in found.cloud.guests.values() if guest.host == "compute2"]
    assert 0 < len(moved) < 20
    assert all(guest.locked for guest in moved)
    found.until_closed()
    all_well(found)


def test_one_that_takes_long_keeps_no_other_locked() -> None:
    found = site(2, 2)
    found.fence("compute1")
    while found.cloud.guests["vm00"].host != "compute2":
        found.step()
    found.cloud.machines["compute2"].computing = False  # the target's nova-compute hangs
    found.run(5)
    assert found.cloud.guests["vm00"].locked
    found.run(LOCKED)
    assert found.states()["vm01"] == "in-progress"
    assert not found.cloud.guests["vm00"].locked


def test_nothing_is_done_without_a_request_whatever_nova_thinks() -> None:
    """A controller's restart makes live computes look down; Pacemaker knows better."""
    found = site()
    found.cloud.bus_is_down = True
    found.run(200)
    assert {each["state"] for each in found.cloud.get_services([], {}, None)[1]["services"]} == {"down"}
    assert found.cloud.moves == []
    assert all(m.status == "enabled" and not m.forced_down for m in found.cloud.machines.values())
    assert all(call.startswith(("GET", "POST /v3")) for call in found.cloud.calls)


def test_a_host_that_an_operator_forced_down_is_left_alone() -> None:
    found = site()
    found.cloud.machines["compute1"].forced_down = True
    found.run(100)
    found.fence("compute1")
    found.step()
    assert (found.cloud.moves, found.cluster.requests) == ([], {})
    assert found.report.hosts[0].note == "forced down by somebody else: left alone"
    found.come_back("compute1")
    found.run(100)
    assert found.cloud.machines["compute1"].forced_down


def test_the_node_returns_by_itself_when_its_instances_are_accounted_for() -> None:
    found = site()
    found.fence("compute1", back=True)
    found.run(5)
    assert "compute1" in found.cluster.there  # early,
    assert "compute1" not in found.cluster.computes  # and nova-compute was kept away
    found.until_closed()
    found.run(10)
    machine = found.cloud.machines["compute1"]
    assert (machine.forced_down, machine.status, machine.reason) == (False, "enabled", None)
    assert machine.disk == set()
    all_well(found)


def test_a_service_that_was_disabled_before_stays_so() -> None:
    found = site()
    machine = found.cloud.machines["compute1"]
    machine.status, machine.reason = "disabled", "new memory on Monday"
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    assert (machine.forced_down, machine.status) == (False, "disabled")
    assert machine.reason == "new memory on Monday"


def test_a_node_may_stay_disabled() -> None:
    found = site(reenable=False)
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    machine = found.cloud.machines["compute1"]
    assert (machine.forced_down, machine.status) == (False, "disabled")


def test_the_second_death_of_a_node_is_another_request() -> None:
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


def test_a_node_that_dies_again_before_it_was_given_back() -> None:
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


def test_more_dead_hosts_than_the_threshold_stop_everything() -> None:
    found = site(6, 5)
    for n in (1, 2, 3):
        found.fence(f"compute{n}")
    found.run(60)
    assert found.cloud.moves == []
    assert "3 of 5 compute nodes are down at once" in found.report.summary()
    assert found.engine
    found.settings = found.engine.settings = replace(found.settings, threshold=80)
    found.until_closed()
    all_well(found)


def test_two_of_three_are_not_too_many() -> None:
    found = site(6, 3)
    found.fence("compute1")
    found.fence("compute2")
    found.until_closed()
    all_well(found)


def test_stopped_instances_stay_stopped() -> None:
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


def test_a_stopped_instance_stays_stopped_after_a_failure_too() -> None:
    """Nova forgets that it was stopped when an evacuation fails; the lock remembers."""
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
def test_what_was_built_without_an_answer_is_not_left_in_error(left: str) -> None:
    """The message bus lost a node while forty instances were built: one was in ERROR, and ran."""
    found = site(3)
    found.cloud.unanswered = lambda guest: left if guest == "vm01" else ""
    found.fence("compute1")
    found.until_closed(150)
    found.come_back("compute1")
    found.run(30)
    all_well(found)


def test_what_is_built_and_moved_much_later_is_not_asked_for_again() -> None:
    """Conductors that had just lost their power needed 90 s; it looked as if its state had been reset."""
    found = site(3)
    found.cloud.slow = lambda guest: 150.0 if guest == "vm01" else 0.0
    found.fence("compute1")
    found.until_closed()
    all_well(found)
    assert len(found.cloud.moves) == 3


def test_what_is_given_up_is_not_left_in_error() -> None:
    found = site(1, max_attempts=2)
    found.cloud.failing = lambda guest, target: True
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    guest = found.cloud.guests["vm00"]
    assert (guest.host, guest.vm_state, guest.locked) == ("compute1", "active", False)
    assert "vm00" in found.cloud.machines["compute1"].runs


def test_a_failing_evacuation_is_tried_again_later_and_given_up_in_the_end() -> None:
    found = site(3, max_attempts=3)
    found.cloud.failing = lambda guest, target: guest == "vm01"
    found.fence("compute1")
    took = found.until_closed()
    assert [move.status for move in found.cloud.moves if move.guest == "vm01"] == ["failed"] * 3
    assert took > 10 + 20
    assert found.states()["vm01"] == "failed"
    assert found.cloud.violations == []


def test_one_that_fails_once_runs_in_the_end() -> None:
    found = site(3)
    found.cloud.failing = lambda guest, target: len(found.cloud.moves) <= 3
    found.fence("compute1")
    found.until_closed()
    all_well(found)


def test_a_stuck_evacuation_is_told_and_keeps_the_node_away() -> None:
    found = site(2, 2, evacuation_timeout=120.0)
    found.fence("compute1", back=True)
    found.run(3)
    found.cloud.machines["compute2"].computing = False  # the target's nova-compute hangs
    found.cloud.bus_is_down = False
    found.run(300)
    assert "stuck" in found.report.summary()
    assert "compute1" not in found.cluster.computes
    found.cloud.start_compute("compute2")
    found.until_closed()
    assert found.cloud.violations == []


def test_what_is_deleted_meanwhile_is_no_trouble() -> None:
    found = site(3)
    found.fence("compute1")
    found.run(2)
    del found.cloud.guests["vm02"]
    found.until_closed()
    assert found.report.problems == []
    assert set(found.cloud.guests) == {"vm00", "vm01"}


def test_an_owners_lock_is_not_taken_away() -> None:
    found = site(0)
    found.cloud.boot("mine", "compute1", locked=True, locked_reason="do not touch")
    found.step()
    found.fence("compute1")
    assert found.until_closed() < 30
    guest = found.cloud.guests["mine"]
    assert (guest.host != "compute1", guest.locked, guest.locked_reason) == (True, True, "do not touch")


def test_instances_are_locked_while_they_move() -> None:
    found = site(3)
    found.fence("compute1")
    found.run(2)
    assert all(marker.is_ours(guest.locked_reason) for guest in found.cloud.guests.values())
    found.until_closed()
    assert not any(guest.locked for guest in found.cloud.guests.values())


def test_a_lock_that_a_killed_engine_left_is_taken_away() -> None:
    found = site(0)
    found.cloud.boot("left", "compute2", locked=True, locked_reason=marker.lock("20260101T000000Z-0000"))
    found.step()
    assert not found.cloud.guests["left"].locked


def test_a_delay_is_kept() -> None:
    found = site(1, delay=1e9 * 4)
    found.fence("compute1")
    found.run(5)
    assert found.cloud.moves == []
    assert "as the parameter 'delay' says" in found.report.hosts[0].note


def test_without_quorum_nothing_is_done() -> None:
    found = site()
    found.cluster.has_quorum = False
    found.fence("compute1")
    found.run(10)
    assert (found.cloud.moves, found.cloud.calls) == ([], [])
    assert "no quorum" in found.report.summary()


def test_a_node_where_nova_compute_runs_is_not_believed_to_be_fenced() -> None:
    """Somebody ran fence_nova by hand: the request is there, but the node was never off."""
    found = site()
    found.cluster.record("compute1")
    found.run(30)
    assert found.cloud.moves == []
    assert "it was not fenced" in found.report.hosts[0].note


def test_a_host_without_nova_compute_gets_no_new_instances() -> None:
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


def test_a_node_that_nova_does_not_know_is_told() -> None:
    found = site()
    found.cluster.record("compute9")
    found.step()
    assert "Nova knows no compute service of that name" in found.report.summary()
