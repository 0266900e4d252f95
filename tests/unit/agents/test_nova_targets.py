"""More dies than one compute node: the target, its nova-compute, everything."""

from __future__ import annotations

from nova_site import all_run, all_well, site


def test_the_target_dies_as_well() -> None:
    found = site(10, 3)
    found.fence("compute1")
    found.run(8)
    found.fence("compute2")
    found.until_closed()
    assert found.cloud.violations == []
    assert {guest.host for guest in found.cloud.guests.values()} == {"compute3"}
    assert {guest.vm_state for guest in found.cloud.guests.values()} == {"active"}


def test_a_target_that_dies_with_messages_in_its_queue_builds_them_when_it_returns() -> None:
    """Nova sent the build to a target that was dead already and not yet down: nobody may ask again."""
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


def test_the_only_target_dies_and_is_back_before_there_is_room() -> None:
    """When it is back nothing shows any more that the build was lost; so that is written down before."""
    found = site(1, 2)
    found.fence("compute1")
    found.step()
    assert [move.dest for move in found.cloud.moves] == ["compute2"]
    found.fence("compute2", back=True)
    found.until_closed(300)
    all_well(found)
    assert [move.lost for move in found.cloud.moves] == [True, False]


def test_an_operator_who_resets_a_stuck_instance_has_it_evacuated_again() -> None:
    found = site(1, 3)
    found.fence("compute1")
    found.step()
    found.cloud.moves[0].lost = True  # the message was lost on its way
    found.run(700)
    assert found.states()["vm00"] == "stuck"
    found.cloud.do_reset(found.cloud.guests["vm00"], {"state": "active"})
    found.until_closed(100)
    all_well(found)


def test_both_nodes_die_and_return() -> None:
    """What was on its way when the second died is at home, and runs again there."""
    found = site(10, 2)
    found.fence("compute1", back=True)
    found.run(8)
    found.fence("compute2", back=True)
    found.until_closed(600)
    found.run(60)
    all_run(found)


def test_what_the_only_target_had_built_when_it_died_runs_at_home_soon() -> None:
    """Nova builds none where one is defined, though it is off: 15 of 40 were asked for five times in vain."""
    found = site(10, 2)
    found.cloud.slow = lambda guest: 60.0
    found.fence("compute1", back=True)
    found.run(25)
    assert all(move.built for move in found.cloud.moves)
    found.fence("compute2", back=True)
    assert found.until_closed() < 60
    found.run(60)
    all_run(found)


def test_what_was_on_its_way_to_a_node_that_stays_dead_runs_at_home() -> None:
    """Nova takes it for evacuated when its own node returns, and would leave it there, ACTIVE and off."""
    found = site(10, 2)
    found.fence("compute1", back=True)
    found.run(8)
    found.fence("compute2")
    found.run(1500)
    all_run(found)


def test_nova_compute_of_the_target_is_started_again_meanwhile() -> None:
    """What it was building it has forgotten; its guests, and what waits for it, it has not."""
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


def test_everything_loses_power_meanwhile() -> None:
    """The target loses what it was building, and the message bus what nobody had taken up."""
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


def test_an_instance_that_was_asked_for_twice_is_built_once_and_its_node_returns() -> None:
    """Nova takes the first record for the second request; a start of nova-compute completes one of them."""
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


def test_what_a_restarted_target_may_still_run_is_built_nowhere_else() -> None:
    """Its guest may run on, half-built: on another host, or at home, there would be two."""
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
    assert all("may be there" in found.reasons()[guest] for guest in forgotten)
    assert found.cluster.requests, "at home they would run a second time"


def test_a_target_that_failed_and_could_not_write_that_down_builds_it_again() -> None:
    """So it was when controllers lost power: ERROR in the instance, and the record stayed as it was."""
    found = site(4, 3)
    found.cloud.failing = lambda guest, target: guest == "vm01" and found.cloud.now < 30
    found.cloud.mute = lambda guest: True
    found.fence("compute1", back=True)
    found.until_closed(150)
    found.run(60)
    all_run(found)
    first, again = [move for move in found.cloud.moves if move.guest == "vm01"]
    assert again.dest == first.dest, "half-built it may be there, and would run twice elsewhere"


def test_what_a_target_that_failed_may_still_run_is_not_started_at_home() -> None:
    found = site(4, 2, max_attempts=2)
    found.cloud.failing = lambda guest, target: guest == "vm01"
    found.cloud.mute = lambda guest: True
    found.fence("compute1", back=True)
    found.run(300)
    assert found.states()["vm01"] == "stuck"
    assert "compute2 did not finish building it, and the guest may be there" in found.reasons()["vm01"]


def test_what_was_built_and_never_moved_is_built_nowhere_else() -> None:
    """It runs there already, though Nova has it at home for ever: so it was when controllers lost power."""
    found = site(4, 4, max_attempts=2)
    found.cloud.halted = lambda guest: guest == "vm01"
    found.fence("compute1", back=True)
    found.run(2500)
    tries = [move for move in found.cloud.moves if move.guest == "vm01"]
    assert len(tries) == 2
    assert len({move.target for move in tries}) == 1
    assert found.states()["vm01"] == "stuck"
    assert "the guest may be there" in found.reasons()["vm01"]
    assert found.cloud.violations == []
    assert not found.cloud.machines["compute1"].computing, "it would wake the guest a second time"


def test_a_target_that_was_booted_since_runs_nothing_of_what_it_forgot() -> None:
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
