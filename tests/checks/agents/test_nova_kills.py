"""Faults at any time, and an engine that is killed at any time: no evacuation is repeated or lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nova_fake import Cloud
from nova_site import Site

from pacemaker_os.agents.nova_evacuate.nova.session import Request

FAULTS = ["500", "500 done", "reset", "reset done", "refused", "late 3", "late 40"]


def check(site: Site, dead: set[str]) -> None:
    """Check the conditions that must hold in the end."""
    cloud = site.cloud
    assert cloud.violations == []
    for guest in cloud.guests.values():
        assert guest.host not in dead or site.cloud.machines[guest.host].powered, guest
        expected = "stopped" if guest.id.startswith("stopped") else "active"
        assert (guest.vm_state, guest.task_state, guest.locked) == (expected, None, False), guest
        holders = [m.name for m in cloud.machines.values() if guest.id in m.runs]
        assert holders == ([guest.host] if expected == "active" else []), guest


@pytest.mark.parametrize("step", range(1, 150))
def test_kill_at_each_step_changes_nothing(step: int) -> None:
    """The engine may be killed before and after each call of Nova and of the cluster."""
    site = Site(Cloud(3, 3))
    site.kills = [step]
    site.fence("compute1", back=True)
    site.until_closed()
    site.run(20)
    assert site.steps > step, "the engine finished before it was killed: use fewer steps"
    check(site, {"compute1"})
    assert set(Counter(move.guest for move in site.cloud.moves).values()) == {1}
    assert site.cloud.machines["compute1"].status == "enabled"


@pytest.mark.parametrize("step", range(1, 150, 2))
def test_kill_at_each_step_assigns_one_reserved_host(step: int) -> None:
    reserves = ["compute3", "compute4"]
    site = Site(Cloud(4, 3), reserved_hosts=" ".join(reserves))
    for name in reserves:
        site.cloud.machines[name].status, site.cloud.machines[name].reason = "disabled", "reserved"
    site.kills = [step]
    site.fence("compute1", back=True)
    site.until_closed()
    site.run(20)
    assert site.steps > step
    check(site, {"compute1"})
    assert {guest.host for guest in site.cloud.guests.values()} == {"compute3"}
    assert Counter(move.guest for move in site.cloud.moves) == dict.fromkeys(site.cloud.guests, 1)
    assert site.cloud.machines["compute4"].status == "disabled"


@pytest.mark.parametrize("step", range(1, 300, 3))
def test_kill_while_only_target_is_lost_starts_no_guest_twice(step: int) -> None:
    site = Site(Cloud(2, 3))
    site.fence("compute1", back=True)
    site.run(4)
    site.kills = [site.steps + step]
    site.fence("compute2")
    site.run(800)
    assert site.steps > site.kills[0]
    check(site, {"compute1"})
    woken = [guest for guest in site.cloud.guests.values() if ("reboot", "admin") in guest.actions]
    assert woken
    assert all(guest.actions.count(("reboot", "admin")) == 1 for guest in woken)


def test_three_kills_during_evacuation() -> None:
    site = Site(Cloud(2, 40))
    site.kills = [60, 120, 180]
    site.fence("compute1")
    site.until_closed()
    site.step()
    check(site, {"compute1"})
    assert len(site.cloud.moves) == 40


events = st.one_of(
    st.tuples(
        st.just("fault"), st.integers(0, 120), st.integers(1, 40), st.sampled_from(FAULTS), st.integers(1, 5)
    ),
    st.tuples(st.just("fence"), st.integers(0, 90), st.sampled_from(["compute2", "compute3"])),
    st.tuples(st.just("return"), st.integers(0, 150), st.sampled_from(["compute1", "compute2", "compute3"])),
    st.tuples(st.just("restart"), st.integers(0, 90), st.sampled_from(["compute2", "compute3"])),
    st.tuples(st.just("messages"), st.integers(0, 90)),
    st.tuples(st.just("bus"), st.integers(0, 60), st.integers(10, 100)),
    st.tuples(st.just("outage"), st.integers(0, 60), st.integers(10, 60)),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.integers(1, 8),
    st.lists(events, max_size=6),
    st.lists(st.integers(1, 600), max_size=6),
    st.sampled_from([1, 2, 20]),
    st.integers(0, 2),
    st.integers(0, 4),
    st.booleans(),
)
@example(
    guests=1,
    plan=[("fault", 2, 2, "late 40", 5)],
    kills=[],
    max_concurrent=1,
    stopped=1,
    failures=0,
    mute=False,
)
def test_random_faults_at_random_times(
    guests: int,
    plan: list[tuple[object, ...]],
    kills: list[int],
    max_concurrent: int,
    stopped: int,
    failures: int,
    mute: bool,
) -> None:
    cloud = Cloud(4, guests)
    for n in range(stopped):
        cloud.boot(f"stopped{n}", "compute1", vm_state="stopped")
    failed = iter(range(failures))
    cloud.failing = lambda guest, target: not guest.startswith("stopped") and next(failed, None) is not None
    cloud.mute = lambda guest: mute
    site = Site(
        cloud,
        max_concurrent=max_concurrent,
        max_attempts=100,
        backoff=2.0,
        capacity_timeout=1e6,
        threshold=100,
    )
    site.kills = kills
    faults = [event for event in plan if event[0] == "fault"]
    bus = [event for event in plan if event[0] == "bus"]
    outages = [event for event in plan if event[0] == "outage"]
    calls = Counter[str]()

    def fault(request: Request) -> str:
        for _, begin, length, kind, nth in faults:
            if begin <= cloud.now < begin + length:  # type: ignore[operator]
                calls[str(kind)] += 1
                if calls[str(kind)] % nth == 0:  # type: ignore[operator]
                    return str(kind)
        return ""

    def within(windows: list[tuple[object, ...]]) -> bool:
        return any(begin <= cloud.now < begin + length for _, begin, length in windows)  # type: ignore[operator]

    cloud.fault = fault
    site.fence("compute1")
    dead = {"compute1"}
    happens = ("fence", "return", "restart", "messages")
    pending = sorted((event for event in plan if event[0] in happens), key=lambda e: e[1])  # type: ignore[arg-type,return-value]
    while cloud.now < 160 or pending:
        while pending and pending[0][1] <= cloud.now:  # type: ignore[operator]
            kind, _, *names = pending.pop(0)
            name = names[0] if names else ""
            if kind == "messages":
                cloud.lose_messages()
            elif kind == "restart" and cloud.machines[str(name)].powered:
                cloud.stop_compute(str(name))
                site.cluster.computes.discard(str(name))
            elif kind == "fence" and cloud.machines[str(name)].powered:
                site.fence(str(name))
                dead.add(str(name))
            elif kind == "return" and not cloud.machines[str(name)].powered:
                site.come_back(str(name))
        cloud.bus_is_down = within(bus)
        if within(outages):  # all controllers are off: there is no engine
            site.engine = None
            site.pacemaker()
            cloud.sleep(1)
        else:
            site.step()
    # No more faults: every machine is repaired and returns, and then all conditions must hold.
    cloud.bus_is_down = False
    for name in sorted(dead):
        if not cloud.machines[name].powered:
            site.come_back(name)
    site.until_closed(within=5000)
    site.run(100)
    if mute:
        # A start of nova-compute processes one record of an instance, and the next follows a minute later.
        site.run(100 * failures)
    check(site, set())
    for machine in cloud.machines.values():
        assert (machine.forced_down, machine.status) == (False, "enabled"), machine
    moved = Counter(m.guest for m in cloud.moves if m.status in ("done", "completed") and not m.lost)
    assert max(moved.values(), default=0) <= len(dead)
