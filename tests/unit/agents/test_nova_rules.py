"""The pure parts of the agent: decisions, markers, rules, capacity and metrics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacemaker_os.agents.nova_evacuate.decide import capacity, limits, policy
from pacemaker_os.agents.nova_evacuate.decide.capacity import Place
from pacemaker_os.agents.nova_evacuate.decide.next_action import next_action
from pacemaker_os.agents.nova_evacuate.decide.policy import InstanceContext, Policy
from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, InstanceHistory, Limits, State
from pacemaker_os.agents.nova_evacuate.nova import marker
from pacemaker_os.agents.nova_evacuate.nova.marker import Marker
from pacemaker_os.agents.nova_evacuate.nova.values import Flavor, Group, Migration, Server
from pacemaker_os.agents.nova_evacuate.report import Host, Instance, Report, metrics
from pacemaker_os.ocf.codes import Failure

VM = Server("vm", "web", "dead")
NOW = HostContext("dead", frozenset({"dead", "gone"}), 1000.0, Limits())
RECENT = InstanceHistory(unchanged_since=999)
OLD = InstanceHistory(unchanged_since=100.0)


def move(status: str, dest: str = "alive", number: int = 1) -> Migration:
    return Migration(number, "vm", "dead", dest, status)


@pytest.mark.parametrize(
    ("server", "tries", "known", "state"),
    [
        (VM, [], OLD, State.PENDING),
        (None, [], OLD, State.DELETED),
        (replace(VM, host="alive"), [move("done")], OLD, State.EVACUATED),
        # Nova moves the instance shortly before or after it completes the migration record.
        (
            replace(VM, host="alive"),
            [move("pre-migrating")],
            InstanceHistory(unchanged_since=999),
            State.IN_PROGRESS,
        ),
        (VM, [move("done")], InstanceHistory(unchanged_since=999), State.IN_PROGRESS),
        (VM, [move("accepted", "")], InstanceHistory(unchanged_since=999), State.IN_PROGRESS),
        (replace(VM, task_state="rebuilding"), [move("accepted", "")], OLD, State.STUCK),
        # Requested, response lost, no record: no new request before the grace period ends.
        (VM, [], InstanceHistory(requested_at=950, unchanged_since=900), State.IN_PROGRESS),
        (VM, [], InstanceHistory(requested_at=930, unchanged_since=900), State.PENDING),
        # The record exists and has failed: that is the response.
        (
            VM,
            [move("failed")],
            InstanceHistory(requested_at=950, records=0, unchanged_since=980),
            State.PENDING,
        ),
        (VM, [move("failed")], InstanceHistory(unchanged_since=995), State.WAITING),
        (VM, [move("failed", number=n) for n in range(5)], OLD, State.FAILED),
        (VM, [], InstanceHistory(refusals=5, error="no", unchanged_since=0), State.FAILED),
        (VM, [], InstanceHistory(refusals=2, refused_at=985, error="no", unchanged_since=0), State.WAITING),
        # The target was fenced: its rebuild is abandoned.
        (replace(VM, task_state="rebuild_spawning"), [move("pre-migrating", "gone")], OLD, State.WAITING),
        # The conductor has not selected a target yet: wait, even if all hosts have failed.
        (
            replace(VM, task_state="rebuilding"),
            [move("accepted", "")],
            InstanceHistory(unchanged_since=999),
            State.IN_PROGRESS,
        ),
        # Nova sets the task state shortly before it creates the record. Without a record, the owner requested
        # it.
        (replace(VM, task_state="rebuilding"), [], InstanceHistory(unchanged_since=970), State.IN_PROGRESS),
        (replace(VM, task_state="rebuilding"), [], OLD, State.PENDING),
    ],
)
def test_judge_returns_next_action(
    server: Server | None, tries: list[Migration], known: InstanceHistory, state: State
) -> None:
    limits = replace(NOW, limits=Limits(backoff=2000.0)) if state is State.WAITING else NOW
    assert next_action(server, tries, known, limits).state is state


def test_judge_orphan_is_pending_immediately() -> None:
    building = replace(VM, task_state="rebuild_spawning")
    assert next_action(building, [], RECENT, NOW, orphan=True).state is State.PENDING
    assert (
        next_action(
            building, [move("accepted")], InstanceHistory(unchanged_since=999), NOW, orphan=True
        ).state
        is not State.PENDING
    )


def test_judge_excluded_or_without_capacity() -> None:
    assert next_action(VM, [], OLD, NOW, excluded="a rule").reason == "a rule"
    assert next_action(VM, [], OLD, NOW, room="full").state is State.WAITING
    assert next_action(VM, [], replace(OLD, no_capacity_since=100.0), NOW, room="full").state is State.FAILED
    # An evacuation in progress stays in progress, whatever a rule says now.
    assert (
        next_action(VM, [move("accepted")], InstanceHistory(unchanged_since=999), NOW, excluded="x").state
        is State.IN_PROGRESS
    )


TOO_MANY = """
    1 of 1 at 50 goes on
    2 of 2 at 50 goes on
    2 of 3 at 50 goes on
    3 of 3 at 50 stops
    3 of 6 at 50 goes on
    4 of 6 at 50 stops
    100 of 200 at 50 goes on
    101 of 200 at 50 stops
    3 of 3 at 100 goes on
    3 of 200 at 0 stops
"""


@pytest.mark.parametrize("line", TOO_MANY.strip().splitlines())
def test_too_many_failed_hosts(line: str) -> None:
    dead, _, hosts, _, percent, what, *_ = line.split()
    found = limits.too_many([f"c{n}" for n in range(int(dead))], int(hosts), int(percent))
    assert bool(found) is (what == "stops")
    assert not found or "run: pcs resource update nova-evacuate threshold=100" in found


@pytest.mark.parametrize(
    "expected",
    [
        Marker("20261120T171501Z-1a2b", 17),
        Marker("x", 0, "", "cmp9"),
        Marker("x", 3, "new memory before=Monday", "cmp9"),
    ],
)
def test_marker_round_trip(expected: Marker) -> None:
    assert marker.read(str(expected)) == expected


@pytest.mark.parametrize(
    "reason", ["", "maintenance", "pacemaker-os", "pacemaker-os x after=y before=enabled", marker.PROCESS]
)
def test_marker_read_other_reason_is_none(reason: str) -> None:
    assert marker.read(reason) is None


def test_marker_long_reason_is_cut() -> None:
    assert len(str(Marker("x", 1, "y" * 500))) == marker.MAX_LENGTH


@pytest.mark.parametrize("text", ["tag", "tag:", "colour:red", ":x", "name:a beta"])
def test_rules_invalid_rule_is_a_failure(text: str) -> None:
    with pytest.raises(Failure, match="is not a valid rule"):
        policy.rules(text)


def test_priority_of_metadata_and_flavor() -> None:
    rules = Policy()
    assert policy.priority(VM, rules) == 0
    assert policy.priority(replace(VM, metadata={"evacuation-priority": "-3"}), rules) == -3
    assert policy.priority(replace(VM, metadata={"evacuation-priority": "many"}), rules) == 0
    gold = replace(VM, flavor=Flavor(extra={"evacuation-priority": "9"}))
    assert policy.priority(gold, rules) == 9


def test_why_not_local_disk_is_allowed_by_rule() -> None:
    local = replace(VM, image="i", tags=("cattle",))
    assert "root disk is local" in policy.why_not(local, InstanceContext(), Policy(), ours=False)
    assert (
        policy.why_not(local, InstanceContext(), Policy(rebuild=policy.rules("tag:cattle")), ours=False) == ""
    )
    assert policy.why_not(local, InstanceContext(), Policy(shared_storage=True), ours=False) == ""
    swap = replace(VM, flavor=Flavor(swap=512))
    assert "swap disk is local" in policy.why_not(swap, InstanceContext(), Policy(), ours=False)


def test_choose_host_with_capacity() -> None:
    places = [Place("a", {"VCPU": 8, "MEMORY_MB": 100}), Place("b", {"VCPU": 1, "MEMORY_MB": 500})]
    assert capacity.choose(VM, places, [], {}, "dead") == ("b", "")
    big = replace(VM, flavor=Flavor(vcpus=4, ram=64))
    assert capacity.choose(big, places, [], {}, "dead") == ("a", "")
    assert (
        "insufficient: VCPU"
        in capacity.choose(replace(VM, flavor=Flavor(vcpus=9)), places, [], {}, "dead")[1]
    )
    # Other providers may offer a class that the host itself does not have: Nova decides.
    gpu = replace(VM, flavor=Flavor(extra={"resources:CUSTOM_X": "1"}))
    assert capacity.choose(gpu, places, [], {}, "dead") == ("b", "")
    used_up = [replace(place, free={**place.free, "CUSTOM_X": 0}) for place in places]
    assert "insufficient: CUSTOM_X" in capacity.choose(gpu, used_up, [], {}, "dead")[1]
    after = capacity.without_instance(VM, "b", places)
    assert capacity.choose(VM, after, [], {}, "dead")[0] == "a"


@pytest.mark.parametrize(
    ("extra", "free", "fits"),
    [
        ({"hw:cpu_policy": "dedicated"}, {"PCPU": 2}, True),
        ({"hw:cpu_policy": "dedicated"}, {"PCPU": 1}, False),
        ({"hw:cpu_policy": "dedicated"}, {"VCPU": 2}, True),
        ({"hw:cpu_policy": "dedicated", "hw:emulator_threads_policy": "isolate"}, {"PCPU": 2}, False),
        ({"hw:cpu_policy": "mixed"}, {"PCPU": 1, "VCPU": 1}, True),
        ({}, {"PCPU": 8}, False),
        ({}, {"VCPU": 2, "DISK_GB": 1}, False),
        ({}, {"VCPU": 2}, True),
    ],
)
def test_choose_leaves_uncertain_sums_to_nova(
    extra: dict[str, str], free: dict[str, int], fits: bool
) -> None:
    guest = replace(VM, image="i", flavor=Flavor(vcpus=2, ram=64, disk=5, extra=extra))
    host, _ = capacity.choose(guest, [Place("a", {"MEMORY_MB": 100, **free})], [], {}, "dead")
    assert bool(host) is fits


@pytest.mark.parametrize(
    ("kind", "most", "where", "host"),
    [
        ("anti-affinity", 1, {"o": "b"}, "a"),
        ("anti-affinity", 1, {"o": "b", "p": "a"}, ""),
        ("anti-affinity", 2, {"o": "b"}, "b"),
        ("soft-anti-affinity", 1, {"o": "b", "p": "a"}, "b"),
        ("affinity", 1, {"o": "a"}, "a"),
        ("affinity", 1, {"o": "c"}, ""),
        ("affinity", 1, {"o": "dead"}, "b"),
    ],
)
def test_choose_respects_server_groups(kind: str, most: int, where: dict[str, str], host: str) -> None:
    room = {"VCPU": 9, "MEMORY_MB": 9000}
    places = [Place("a", room), Place("b", room)]
    group = Group(kind, frozenset({"vm", *where}), most)
    assert capacity.choose(VM, places, [group], where, "dead")[0] == host


def test_metrics_have_prometheus_format() -> None:
    instances = (Instance("1", "a", State.EVACUATED), Instance("2", "b", State.STUCK, "long"))
    report = Report(hosts=[Host('c"1', "c1", "r", instances)])
    lines = metrics(report, requested=7, reenabled=1, now=12.5).splitlines()
    assert 'pacemaker_os_evacuation_instances{node="c\\"1",state="stuck"} 1' in lines
    assert "pacemaker_os_evacuation_requested_total 7" in lines
    assert "pacemaker_os_evacuation_problems 1" in lines
    assert all(line.startswith(("#", "pacemaker_os_")) for line in lines)
