"""Further failures during an evacuation: the target, its nova-compute, everything."""

from __future__ import annotations

from nova_site import all_run, all_well, site


def test_target_fails_as_well() -> None:
    found = site(10, 3)
    found.fence("compute1")
    found.run(8)
    found.fence("compute2")
    found.until_closed()
    assert found.cloud.violations == []
    assert {guest.host for guest in found.cloud.guests.values()} == {"compute3"}
    assert {guest.vm_state for guest in found.cloud.guests.values()} == {"active"}


def test_failed_target_processes_queued_messages_when_it_returns() -> None:
    """Nova sent the rebuild to a failed target that was not down yet: it must not be repeated."""
    found = site(4, 2)
    found.fence("compute1")
    found.cloud.power_off("compute2")
    found.cluster.there.discard("compute2")
    found.cluster.computes.discard("compute2")
    found.run(30)
    assert set(found.states().values()) == {"in-progress"}
    found.cluster.record("compute2")
    found.run(60)
    found.come_back("compute2")
    found.until_closed()
    found.run(30)
    all_well(found)


def test_only_target_fails_and_returns_before_capacity_is_free() -> None:
    """When the target is back, nothing shows that the rebuild was lost; so the engine records it before."""
    found = site(1, 2)
    found.fence("compute1")
    found.step()
    assert [move.dest for move in found.cloud.moves] == ["compute2"]
    found.fence("compute2", back=True)
    found.until_closed(300)
    all_well(found)
    assert [move.lost for move in found.cloud.moves] == [True, False]


def test_stuck_instance_is_evacuated_again_after_reset() -> None:
    found = site(1, 3)
    found.fence("compute1")
    found.step()
    found.cloud.moves[0].lost = True  # the message was lost
    found.run(700)
    assert found.states()["vm00"] == "stuck"
    found.cloud.do_reset(found.cloud.guests["vm00"], {"state": "active"})
    found.until_closed(100)
    all_well(found)


def test_both_nodes_fail_and_return() -> None:
    """An instance whose target failed during the evacuation runs again on its own node."""
    found = site(10, 2)
    found.fence("compute1", back=True)
    found.run(8)
    found.fence("compute2", back=True)
    found.until_closed(600)
    found.run(60)
    all_run(found)


def test_instance_rebuilt_on_failed_target_runs_on_own_node() -> None:
    """Nova rejects a rebuild where the guest exists: 15 of 40 were requested five times in vain."""
    found = site(10, 2)
    found.cloud.slow = lambda guest: 60.0
    found.fence("compute1", back=True)
    found.run(25)
    assert all(move.built for move in found.cloud.moves)
    found.fence("compute2", back=True)
    assert found.until_closed() < 60
    found.run(60)
    all_run(found)


def test_instance_evacuated_to_lost_target_runs_on_own_node() -> None:
    """Nova considers the instance evacuated, and would leave it on its own node, ACTIVE but off."""
    found = site(10, 2)
    found.fence("compute1", back=True)
    found.run(8)
    found.fence("compute2")
    found.run(1500)
    all_run(found)


def test_nova_compute_of_target_restarts_during_evacuation() -> None:
    """nova-compute loses its rebuilds, but not its guests or the messages in its queue."""
    found = site(10, 2)
    found.fence("compute1")
    found.run(8)
    found.cloud.stop_compute("compute2")
    found.cluster.computes.discard("compute2")
    found.until_closed(200)
    found.come_back("compute1")
    found.run(30)
    all_run(found)
    assert {guest.host for guest in found.cloud.guests.values()} == {"compute2"}


def test_full_power_loss_during_evacuation() -> None:
    """The target loses its rebuilds, and the message bus the messages that no service had received."""
    found = site(10, 2, max_concurrent=5)
    found.fence("compute1", back=True)
    found.step()
    waiting = found.cloud.moves[-1]
    waiting.status, waiting.dest, waiting.target = "accepted", None, None
    found.engine = None
    for name in ("compute1", "compute2"):
        found.cloud.power_off(name)
    found.cloud.lose_messages()
    found.cloud.sleep(60)
    for name in ("compute1", "compute2"):
        found.cloud.power_on(name)
    found.cluster.computes.clear()
    found.until_closed(700)
    found.run(30)
    all_run(found)
    assert {guest.host for guest in found.cloud.guests.values()} == {"compute2"}


def test_instance_requested_twice_is_rebuilt_once() -> None:
    """Nova uses the first record for the second request; a start of nova-compute completes one of them."""
    found = site(4, 2)
    found.fence("compute1", back=True)
    found.step()
    for move in found.cloud.moves:
        move.status, move.dest, move.target = "accepted", None, None
    found.cloud.lose_messages()
    found.until_closed(400)
    assert [move.status for move in found.cloud.moves] == ["done"] * 4 + ["completed"] * 4
    found.run(200)
    all_run(found)
    assert {move.status for move in found.cloud.moves} == {"completed"}
    assert found.cloud.machines["compute1"].status == "enabled"


def test_guest_on_restarted_target_is_not_rebuilt_elsewhere() -> None:
    """Its guest may still run: a rebuild on another host, or a start on its own node, would run it twice."""
    found = site(8, 3, max_attempts=2)
    found.fence("compute1", back=True)
    found.run(3)
    found.cloud.stop_compute("compute2")
    found.cluster.computes.discard("compute2")
    forgotten = {move.guest for move in found.cloud.moves if move.lost}
    assert forgotten
    found.cloud.failing = lambda guest, target: guest in forgotten
    found.run(400)
    again = [move for move in found.cloud.moves if move.guest in forgotten and not move.lost]
    assert {move.dest for move in again} == {"compute2"}
    assert {found.states()[guest] for guest in forgotten} == {"stuck"}
    assert all("may still run the guest" in found.reasons()[guest] for guest in forgotten)
    assert found.cluster.requests, "on their own node they would run a second time"


def test_target_that_could_not_record_its_failure_rebuilds_again() -> None:
    """This happened when controllers lost power: ERROR in the instance, and an unchanged record."""
    found = site(4, 3)
    found.cloud.failing = lambda guest, target: guest == "vm01" and found.cloud.now < 30
    found.cloud.mute = lambda guest: True
    found.fence("compute1", back=True)
    found.until_closed(150)
    found.run(60)
    all_run(found)
    first, again = [move for move in found.cloud.moves if move.guest == "vm01"]
    assert again.dest == first.dest, "the guest may exist there, and would run twice elsewhere"


def test_guest_on_failed_target_is_not_started_on_own_node() -> None:
    found = site(4, 2, max_attempts=2)
    found.cloud.failing = lambda guest, target: guest == "vm01"
    found.cloud.mute = lambda guest: True
    found.fence("compute1", back=True)
    found.run(300)
    assert found.states()["vm01"] == "stuck"
    assert "compute2 did not finish the rebuild and may still run the guest" in found.reasons()["vm01"]


def test_rebuilt_but_never_moved_instance_is_not_rebuilt_elsewhere() -> None:
    """It runs there already, although Nova never moves it. This happened when controllers lost power."""
    found = site(4, 4, max_attempts=2)
    found.cloud.halted = lambda guest: guest == "vm01"
    found.fence("compute1", back=True)
    found.run(2500)
    tries = [move for move in found.cloud.moves if move.guest == "vm01"]
    assert len(tries) == 2
    assert len({move.target for move in tries}) == 1
    assert found.states()["vm01"] == "stuck"
    assert "may still run the guest" in found.reasons()["vm01"]
    assert found.cloud.violations == []
    assert not found.cloud.machines["compute1"].computing, "it would start the guest a second time"


def test_rebooted_target_runs_no_forgotten_guest() -> None:
    found = site(8, 3)
    found.fence("compute1", back=True)
    found.run(3)
    found.cloud.power_off("compute2")
    forgotten = {move.guest for move in found.cloud.moves if move.lost}
    found.cluster.computes.discard("compute2")
    found.come_back("compute2")
    found.until_closed(400)
    found.run(60)
    assert forgotten
    all_run(found)
