"""What the evacuation decides and writes down, by its pure parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pacemaker_os.agents.nova_evacuate.decide import capacity, limits, policy
from pacemaker_os.agents.nova_evacuate.decide.capacity import Place
from pacemaker_os.agents.nova_evacuate.decide.judge import judge
from pacemaker_os.agents.nova_evacuate.decide.policy import InstanceContext, Policy
from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, InstanceHistory, Limits, State
from pacemaker_os.agents.nova_evacuate.nova import marker
from pacemaker_os.agents.nova_evacuate.nova.marker import Marker
from pacemaker_os.agents.nova_evacuate.nova.values import Flavor, Group, Migration, Server
from pacemaker_os.agents.nova_evacuate.report import Host, Instance, Report, metrics
from pacemaker_os.ocf.codes import Failure

VM = Server("vm", "web", "dead")
NOW = HostContext("dead", frozenset({"dead", "gone"}), 1000.0, Limits())
OLD = InstanceHistory(seen=100.0)


def move(status: str, dest: str = "alive", number: int = 1) -> Migration:
    return Migration(number, "vm", "dead", dest, status)


@pytest.mark.parametrize(
    ("server", "tries", "known", "state"),
    [
        (VM, [], OLD, State.PENDING),
        (None, [], OLD, State.DELETED),
        (replace(VM, host="alive"), [move("done")], OLD, State.EVACUATED),
        # Nova moves the instance a moment before it says that the migration is done, or after.
        (replace(VM, host="alive"), [move("pre-migrating")], InstanceHistory(seen=999), State.IN_PROGRESS),
        (VM, [move("done")], InstanceHistory(seen=999), State.IN_PROGRESS),
        (VM, [move("accepted", "")], InstanceHistory(seen=999), State.IN_PROGRESS),
        (replace(VM, task_state="rebuilding"), [move("accepted", "")], OLD, State.STUCK),
        # Asked for, answer lost, nothing seen: not again before the time to settle is over.
        (VM, [], InstanceHistory(asked=950, seen=900), State.IN_PROGRESS),
        (VM, [], InstanceHistory(asked=930, seen=900), State.PENDING),
        # The record came and failed: that was the answer.
        (VM, [move("failed")], InstanceHistory(asked=950, records=0, seen=980), State.PENDING),
        (VM, [move("failed")], InstanceHistory(seen=995), State.WAITING),
        (VM, [move("failed", number=n) for n in range(5)], OLD, State.FAILED),
        (VM, [], InstanceHistory(refusals=5, error="no", seen=0), State.FAILED),
        (VM, [], InstanceHistory(refusals=2, refused=985, error="no", seen=0), State.WAITING),
        # The target was fenced: what it was building is nobody's work any more.
        (replace(VM, task_state="rebuild_spawning"), [move("pre-migrating", "gone")], OLD, State.WAITING),
        # Nobody knows yet where the conductor sends it: wait, however dead every host is.
        (
            replace(VM, task_state="rebuilding"),
            [move("accepted", "")],
            InstanceHistory(seen=999),
            State.IN_PROGRESS,
        ),
        # Nova says rebuilding a moment before there is a record; where none comes, it was its owner's.
        (replace(VM, task_state="rebuilding"), [], InstanceHistory(seen=970), State.IN_PROGRESS),
        (replace(VM, task_state="rebuilding"), [], OLD, State.PENDING),
    ],
)
def test_what_is_done_about_an_instance(
    server: Server | None, tries: list[Migration], known: InstanceHistory, state: State
) -> None:
    limits = replace(NOW, limits=Limits(backoff=2000.0)) if state is State.WAITING else NOW
    assert judge(server, tries, known, limits).state is state


def test_an_orphan_of_a_dead_target_is_asked_for_at_once() -> None:
    building = replace(VM, task_state="rebuild_spawning")
    assert judge(building, [], InstanceHistory(seen=999), NOW, orphan=True).state is State.PENDING
    assert (
        judge(building, [move("accepted")], InstanceHistory(seen=999), NOW, orphan=True).state
        is not State.PENDING
    )


def test_no_room_and_no_permission() -> None:
    assert judge(VM, [], OLD, NOW, excluded="a rule").reason == "a rule"
    assert judge(VM, [], OLD, NOW, room="full").state is State.WAITING
    assert judge(VM, [], replace(OLD, held=100.0), NOW, room="full").state is State.FAILED
    # What is under way is under way, whatever a rule says now.
    assert (
        judge(VM, [move("accepted")], InstanceHistory(seen=999), NOW, excluded="x").state is State.IN_PROGRESS
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
def test_too_many_at_once(line: str) -> None:
    dead, _, hosts, _, percent, what, *_ = line.split()
    found = limits.too_many([f"c{n}" for n in range(int(dead))], int(hosts), int(percent))
    assert bool(found) is (what == "stops")


@pytest.mark.parametrize(
    "wanted",
    [
        Marker("20261120T171501Z-1a2b", 17),
        Marker("x", 0, "", "cmp9"),
        Marker("x", 3, "new memory before=Monday", "cmp9"),
    ],
)
def test_a_marker_is_read_as_it_was_written(wanted: Marker) -> None:
    assert marker.read(str(wanted)) == wanted


@pytest.mark.parametrize(
    "reason", ["", "maintenance", "pacemaker-os", "pacemaker-os x after=y before=enabled", marker.PROCESS]
)
def test_what_others_write_is_no_marker(reason: str) -> None:
    assert marker.read(reason) is None


def test_a_long_reason_fits_in_novas_column() -> None:
    assert len(str(Marker("x", 1, "y" * 500))) == marker.LONGEST


@pytest.mark.parametrize("text", ["tag", "tag:", "colour:red", ":x", "name:a beta"])
def test_a_rule_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(Failure, match="is no rule KIND:PATTERN"):
        policy.rules(text)


def test_priorities() -> None:
    rules = Policy()
    assert policy.priority(VM, rules) == 0
    assert policy.priority(replace(VM, metadata={"evacuation-priority": "-3"}), rules) == -3
    assert policy.priority(replace(VM, metadata={"evacuation-priority": "many"}), rules) == 0
    gold = replace(VM, flavor=Flavor(extra={"evacuation-priority": "9"}))
    assert policy.priority(gold, rules) == 9


def test_a_local_disk_may_be_given_up_by_a_rule() -> None:
    local = replace(VM, image="i", tags=("cattle",))
    assert "root disk is local" in policy.why_not(local, InstanceContext(), Policy(), ours=False)
    assert (
        policy.why_not(local, InstanceContext(), Policy(rebuild=policy.rules("tag:cattle")), ours=False) == ""
    )
    assert policy.why_not(local, InstanceContext(), Policy(shared_storage=True), ours=False) == ""
    swap = replace(VM, flavor=Flavor(swap=512))
    assert "swap disk is local" in policy.why_not(swap, InstanceContext(), Policy(), ours=False)


def test_where_an_instance_fits() -> None:
    places = [Place("a", {"VCPU": 8, "MEMORY_MB": 100}), Place("b", {"VCPU": 1, "MEMORY_MB": 500})]
    assert capacity.choose(VM, places, [], {}, "dead") == ("b", "")
    big = replace(VM, flavor=Flavor(vcpus=4, ram=64))
    assert capacity.choose(big, places, [], {}, "dead") == ("a", "")
    assert "short of VCPU" in capacity.choose(replace(VM, flavor=Flavor(vcpus=9)), places, [], {}, "dead")[1]
    gpu = replace(VM, flavor=Flavor(extra={"resources:CUSTOM_X": "1"}))
    assert "short of CUSTOM_X" in capacity.choose(gpu, places, [], {}, "dead")[1]
    after = capacity.take(VM, "b", places)
    assert capacity.choose(VM, after, [], {}, "dead")[0] == "a"


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
def test_server_groups(kind: str, most: int, where: dict[str, str], host: str) -> None:
    room = {"VCPU": 9, "MEMORY_MB": 9000}
    places = [Place("a", room), Place("b", room)]
    group = Group(kind, frozenset({"vm", *where}), most)
    assert capacity.choose(VM, places, [group], where, "dead")[0] == host


def test_metrics_are_what_prometheus_reads() -> None:
    instances = (Instance("1", "a", State.EVACUATED), Instance("2", "b", State.STUCK, "long"))
    report = Report(hosts=[Host('c"1', "c1", "r", instances)])
    lines = metrics(report, requested=7, reenabled=1, now=12.5).splitlines()
    assert 'pacemaker_os_evacuation_instances{node="c\\"1",state="stuck"} 1' in lines
    assert "pacemaker_os_evacuation_requested_total 7" in lines
    assert "pacemaker_os_evacuation_problems 1" in lines
    assert all(line.startswith(("#", "pacemaker_os_")) for line in lines)
