"""What becomes of the instances of a dead compute node: every case of which real operators tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from nova_fake import Cloud
from nova_site import Site

from pacemaker_os.agents.nova_evacuate import marker
from pacemaker_os.agents.nova_evacuate.api import Asked


def site(guests: int = 10, machines: int = 3, **settings: object) -> Site:
    return Site(Cloud(machines, guests), **settings)


def successes(cloud: Cloud) -> Counter[str]:
    return Counter(move.guest for move in cloud.moves if move.status in ("done", "completed"))


def all_well(found: Site, dead: str = "compute1") -> None:
    """Each instance was evacuated once, runs once, is unlocked, and nothing forbidden happened."""
    cloud = found.cloud
    assert cloud.violations == []
    assert set(successes(cloud).values()) == {1}
    for guest in cloud.guests.values():
        assert guest.host != dead
        assert (guest.vm_state, guest.task_state, guest.locked) == ("active", None, False)
        assert guest.id in cloud.machines[guest.host].runs


def all_run(found: Site) -> None:
    """Each instance runs where Nova has it, is unlocked, and nothing forbidden happened."""
    assert found.cloud.violations == []
    for guest in found.cloud.guests.values():
        assert (guest.vm_state, guest.task_state, guest.locked) == ("active", None, False)
        assert guest.id in found.cloud.machines[guest.host].runs, (guest, found.cloud.moves)


def test_forty_instances_run_again_each_once_and_soon() -> None:
    found = site(40, 2)
    found.fence("compute1")
    took = found.until_closed()
    all_well(found)
    assert len(found.cloud.moves) == 40
    assert took < 40 * 1.6 + 10


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
    assert set(found.states().values()) == {"under way"}
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


def test_a_cell_whose_database_is_down_is_not_an_empty_host() -> None:
    """Nova then answers 200, with lists that lack what it cannot see."""
    found = site()
    found.fence("compute1")
    found.cloud.cell_is_down = True
    found.run(20)
    assert found.cluster.requests
    assert "the database of the cell of compute1 does not answer" in found.report.word()
    found.cloud.cell_is_down = False
    found.until_closed()
    all_well(found)


def test_a_cell_that_goes_down_between_two_questions() -> None:
    found = site()
    found.fence("compute1")

    def down_from_here(asked: Asked) -> str:
        found.cloud.cell_is_down |= "servers" in asked.url
        return ""

    for _ in range(3):
        found.cloud.fault = down_from_here
        found.run(5)
        assert found.cluster.requests
        assert found.cloud.cell_is_down
        found.cloud.fault = lambda asked: ""
        found.cloud.cell_is_down = False
    found.until_closed()
    all_well(found)


def test_a_reason_that_somebody_writes_over_ours() -> None:
    found = site()
    found.fence("compute1", back=True)
    found.step()
    found.cloud.machines["compute1"].reason = "on fire"
    found.until_closed()
    found.run(10)
    all_well(found)
    assert found.cloud.machines["compute1"].status == "enabled"


def test_a_reason_that_was_written_over_while_no_engine_looked_is_told() -> None:
    found = site()
    found.fence("compute1")
    found.step()
    found.cloud.machines["compute1"].reason = "on fire"
    found.engine = None
    found.run(5)
    assert found.cluster.requests
    assert "evacuate the rest by hand" in found.report.word()


def test_five_hundreds_for_half_a_minute() -> None:
    found = site()
    begin = found.cloud.now
    found.cloud.fault = lambda asked: "500" if found.cloud.now - begin < 30 else ""
    found.fence("compute1")
    assert found.until_closed() < 30 + 10 * 1.6 + 10
    all_well(found)


@pytest.mark.parametrize("fault", ["500", "500 done", "reset", "reset done", "late 50"])
def test_an_evacuation_whose_answer_is_lost_is_never_asked_for_twice(fault: str) -> None:
    found = site()
    hit: list[str] = []

    def once_each(asked: Asked) -> str:
        if b'"evacuate"' in asked.body and asked.url not in hit:
            hit.append(asked.url)
            return fault
        return ""

    found.cloud.fault = once_each
    found.fence("compute1")
    found.until_closed()
    assert len(hit) == 10
    all_well(found)


def test_a_refused_connection_is_asked_again_at_once() -> None:
    found = site()
    begin = found.cloud.now
    found.cloud.fault = lambda asked: "refused" if found.cloud.now - begin < 20 else ""
    found.fence("compute1")
    assert found.until_closed() < 20 + 10 * 1.6 + 10
    all_well(found)


def test_a_token_that_ran_out_is_renewed() -> None:
    found = site()
    found.step()
    assert found.engine
    found.engine.nova.session._token = "old"
    found.fence("compute1")
    found.until_closed()
    all_well(found)


def test_more_dead_hosts_than_the_threshold_stop_everything() -> None:
    found = site(6, 5)
    for n in (1, 2, 3):
        found.fence(f"compute{n}")
    found.run(60)
    assert found.cloud.moves == []
    assert "3 of 5 compute nodes are down at once" in found.report.word()
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


def test_what_is_given_up_is_not_left_in_error() -> None:
    found = site(1, attempts=2)
    found.cloud.failing = lambda guest, target: True
    found.fence("compute1", back=True)
    found.until_closed()
    found.run(10)
    guest = found.cloud.guests["vm00"]
    assert (guest.host, guest.vm_state, guest.locked) == ("compute1", "active", False)
    assert "vm00" in found.cloud.machines["compute1"].runs


EXCLUDED = {
    "amphora": ({"name": "amphora-1f"}, "excluded by the rule name:amphora-*"),
    "gpu": ({"flavor": {"extra_specs": {"pci_passthrough:alias": "a1:1"}}}, "it has a PCI device"),
    "local": ({"image": {"id": "i"}}, "its root disk is local and would be empty elsewhere"),
    "ephemeral": ({"flavor": {"ephemeral": 5}}, "its ephemeral disk is local and would be empty elsewhere"),
    "paused": ({"vm_state": "paused"}, "Nova cannot evacuate an instance that is paused"),
    "broken": ({"vm_state": "error"}, "it was in ERROR before its host died"),
    "moving": ({"task_state": "migrating"}, "it was moving when its host died (migrating)"),
    "tagged": ({"tags": ["no-ha"]}, "excluded by the rule tag:no-ha"),
}


@pytest.mark.parametrize("name", EXCLUDED)
def test_what_an_evacuation_would_harm_is_reported_and_left(name: str) -> None:
    fields, reason = EXCLUDED[name]
    found = site(1, shared_storage=False, exclude="name:amphora-* tag:no-ha")
    found.cloud.boot(name, "compute1", **dict(fields))
    found.fence("compute1", back=True)
    while found.cluster.requests:
        found.step()
        if name in found.states():
            assert found.states()[name] == "not evacuated"
            assert found.reasons()[name].startswith(reason)
    assert found.cloud.guests[name].host == "compute1"
    assert found.cloud.guests["vm00"].host != "compute1"
    assert [move.guest for move in found.cloud.moves] == ["vm00"]


def test_the_important_go_first_and_no_more_than_allowed_at_once() -> None:
    found = site(0, at_once=2)
    for n, weight in enumerate(["1", "30", "", "200"]):
        found.cloud.boot(f"vm{n}", "compute1", metadata={"evacuation-priority": weight})
    found.fence("compute1")
    most = 0
    while found.cluster.requests:
        found.step(0.2)
        most = max(most, sum(move.under_way for move in found.cloud.moves))
    assert [move.guest for move in found.cloud.moves] == ["vm3", "vm1", "vm0", "vm2"]
    assert most == 2


def test_room_is_waited_for_and_then_the_instance_is_given_up() -> None:
    found = site(2, 2, patience=100.0)
    found.cloud.machines["compute2"].vcpus = 1
    found.fence("compute1")
    took = found.until_closed()
    assert took > 100
    assert Counter(found.states().values()) == {"evacuated": 1, "given up": 1}
    assert "no host that it may use has 1 VCPU" in found.report.word()
    assert len(found.cloud.moves) == 1  # Nova was spared the error
    assert {guest.vm_state for guest in found.cloud.guests.values()} == {"active"}


def test_a_node_that_is_back_runs_again_what_has_no_other_place() -> None:
    found = site(2, 2)
    found.cloud.machines["compute2"].vcpus = 1
    found.fence("compute1", back=True)
    assert found.until_closed() < 20
    found.run(5)
    assert sorted(guest.host for guest in found.cloud.guests.values()) == ["compute1", "compute2"]
    assert found.cloud.violations == []


def test_anti_affinity_is_looked_at_before() -> None:
    found = site(1, 2, patience=50.0)
    found.cloud.boot("other", "compute2")
    found.cloud.groups = [{"policy": "anti-affinity", "members": ["vm00", "other"], "rules": {}}]
    found.fence("compute1")
    found.until_closed()
    assert found.cloud.moves == []
    assert "its server group (anti-affinity) has an instance on every other host" in found.report.word()


def test_a_failing_evacuation_is_tried_again_later_and_given_up_in_the_end() -> None:
    found = site(3, attempts=3)
    found.cloud.failing = lambda guest, target: guest == "vm01"
    found.fence("compute1")
    took = found.until_closed()
    assert [move.status for move in found.cloud.moves if move.guest == "vm01"] == ["failed"] * 3
    assert took > 10 + 20
    assert found.states()["vm01"] == "given up"
    assert found.cloud.violations == []


def test_one_that_fails_once_runs_in_the_end() -> None:
    found = site(3)
    found.cloud.failing = lambda guest, target: len(found.cloud.moves) <= 3
    found.fence("compute1")
    found.until_closed()
    all_well(found)


def test_a_stuck_evacuation_is_told_and_keeps_the_node_away() -> None:
    found = site(2, 2, stuck=120.0)
    found.fence("compute1", back=True)
    found.run(3)
    found.cloud.machines["compute2"].computing = False  # the target's nova-compute hangs
    found.cloud.bus_is_down = False
    found.run(300)
    assert "stuck" in found.report.word()
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


def test_rules_say_who_is_evacuated() -> None:
    found = site(1, include="flavor:ha=true image:ha=true aggregate:ha=true tag:ha metadata:HA_Enabled=true")
    found.cloud.boot("flavor", "compute1", flavor={"extra_specs": {"ha": "True"}})
    found.cloud.boot("image", "compute1", image={"id": "good"})
    found.cloud.boot("tag", "compute1", tags=["ha"])
    found.cloud.boot("metadata", "compute1", metadata={"HA_Enabled": "True"})
    found.cloud.images["good"] = {"ha": "true", "tags": []}
    found.fence("compute1")
    found.until_closed()
    assert {move.guest for move in found.cloud.moves} == {"flavor", "image", "tag", "metadata"}
    assert found.reasons()["vm00"] == "no rule includes it"


def test_an_aggregate_can_say_it_for_all_its_hosts() -> None:
    found = site(2, include="aggregate:ha=true")
    found.cloud.aggregates = [{"id": 1, "name": "a", "hosts": ["compute1"], "metadata": {"ha": "true"}}]
    found.fence("compute1")
    found.until_closed()
    all_well(found)


def test_a_reserved_host_takes_the_place_of_the_dead_one() -> None:
    found = site(4, 3, reserved_hosts="compute3")
    machine = found.cloud.machines["compute3"]
    machine.status, machine.reason = "disabled", "reserved"
    found.cloud.aggregates = [{"id": 1, "name": "a", "hosts": ["compute1"], "metadata": {}}]
    found.fence("compute1")
    found.until_closed()
    all_well(found)
    assert {guest.host for guest in found.cloud.guests.values()} == {"compute3"}
    assert found.cloud.aggregates[0]["hosts"] == ["compute1", "compute3"]
    assert machine.status == "enabled"


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
    assert "no quorum" in found.report.word()


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
    assert "Nova knows no compute service of that name" in found.report.word()


def test_both_nodes_die_and_return() -> None:
    """What was on its way when the second died is at home, and runs again there."""
    found = site(10, 2)
    found.fence("compute1", back=True)
    found.run(8)
    found.fence("compute2", back=True)
    found.until_closed(600)
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
    found = site(10, 2, at_once=5)
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
    found = site(8, 3, attempts=2)
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
