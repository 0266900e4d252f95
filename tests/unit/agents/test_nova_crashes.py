"""Instances that crash while their host works, and the nova-compute agent that reports them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from nova_fake import Cloud
from nova_site import Site

from pacemaker_os.agents.nova_compute.agent import CRASHED, EVACUATION, RUNS, NovaCompute
from pacemaker_os.agents.nova_compute.crashed import crashed
from pacemaker_os.ocf.command import Result
from pacemaker_os.ocf.testing import ActionResult, World


def crash(site: Site, *, noticed: bool = True) -> None:
    host = site.cloud.guests["vm00"].host
    site.cloud.crash("vm00", noticed=noticed)
    site.cluster.names_crashed = {host: ["vm00"]}
    site.step()
    site.cluster.names_crashed = {}


@pytest.mark.parametrize("noticed", [True, False])
def test_crashed_instance_is_restarted_in_place(noticed: bool) -> None:
    site = Site(Cloud(2, 2))
    crash(site, noticed=noticed)
    guest = site.cloud.guests["vm00"]
    assert (guest.host, guest.vm_state) == ("compute1", "active")
    assert "vm00" in site.cloud.machines["compute1"].runs
    assert site.report.restarted == ["vm00"]


def test_repeatedly_crashing_instance_is_migrated_once() -> None:
    site = Site(Cloud(2, 1), max_restarts_per_hour=2)
    for _ in range(3):
        crash(site)
        site.run(70)
    guest = site.cloud.guests["vm00"]
    assert (guest.host, guest.vm_state, guest.locked) == ("compute2", "active", False)
    assert "vm00" in site.cloud.machines["compute2"].runs
    crash(site)
    assert "crashed 3 times within an hour and is not restarted again" in site.report.summary()
    assert site.cloud.violations == []


def test_migration_is_finished_by_the_next_engine() -> None:
    site = Site(Cloud(2, 1), max_restarts_per_hour=0)
    crash(site)
    assert site.cloud.guests["vm00"].vm_state == "resized"
    site.engine = None
    site.run(100)
    guest = site.cloud.guests["vm00"]
    assert (guest.host, guest.vm_state, guest.locked) == ("compute2", "active", False)


def test_instance_stopped_by_owner_is_not_started() -> None:
    site = Site(Cloud(2, 1))
    site.cloud.guests["vm00"].actions.append(("stop", "alice"))
    site.cloud.guests["vm00"].vm_state = "stopped"
    site.cluster.names_crashed = {"compute1": ["vm00"]}
    site.run(5)
    assert site.cloud.guests["vm00"].vm_state == "stopped"


def test_excluded_locked_or_moved_instance_is_not_restarted() -> None:
    site = Site(Cloud(2, 3), exclude="server:vm00")
    for name in ("vm00", "vm01", "vm02"):
        site.cloud.crash(name, noticed=True)
    site.cloud.guests["vm01"].locked = True
    site.cluster.names_crashed = {"compute1": ["vm00", "vm01", "gone"], "compute2": ["vm02"]}
    site.run(5)
    assert {guest.vm_state for guest in site.cloud.guests.values()} == {"stopped"}


def test_crashed_reads_reasons_from_libvirt() -> None:
    ends = {
        "a": "shut off (crashed)",
        "b": "shut off (shutdown)",
        "c": "crashed (panicked)",
        "d": "shut off (destroyed)",
    }

    def ask(argv: object) -> Result:
        words = list(argv)  # type: ignore[call-overload]
        return Result(0, "d\nc\nb\na\n\n" if "list" in words else f"{ends[words[-1]]}\n")

    assert crashed(ask) == ["a", "c"]
    assert crashed(lambda argv: Result(1, "", "no libvirt")) == []


class Compute:
    """A compute node with a simulated systemd."""

    def __init__(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.scratch, self.active = World(["compute1"]), scratch, False
        for module in ("agent", "unit"):
            monkeypatch.setattr(f"pacemaker_os.agents.openstack_service.{module}.BOOTED", str(scratch))
        monkeypatch.setattr(
            "pacemaker_os.agents.openstack_service.unit.RUNNING_UNITS", str(scratch / "units")
        )
        self.world.results["systemctl"] = self.systemctl
        self.world.results["virsh list"] = Result(0, "")

    def systemctl(self, argv: object) -> Result:
        words = list(argv)  # type: ignore[call-overload]
        if "start" in words or "stop" in words:
            self.active = "start" in words
            return Result(0)
        state = "active" if self.active else "inactive"
        return Result(
            0, f"LoadState=loaded\nActiveState={state}\nSubState=running\nMainPID={4711 * self.active}\n"
        )

    def do(self, action: str, **parameters: str) -> ActionResult:
        agent = self.world.agent(
            NovaCompute,
            action,
            node="compute1",
            parameters={"unit": "nova-compute", **parameters},
            meta={"interval": "20000"} if action == "monitor" else {},
            environ={"HA_RSCTMP": str(self.scratch)},
        )
        return self.world.run(agent)


@pytest.fixture
def compute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compute:
    return Compute(tmp_path, monkeypatch)


def test_nova_compute_started_by_others_has_unknown_start_time(compute: Compute) -> None:
    compute.active = True
    assert compute.do("monitor").code == 0
    assert compute.world.attributes[RUNS] == {"compute1": "0"}


def test_nova_compute_publishes_its_start_time(compute: Compute) -> None:
    begin = int(time.time())
    assert compute.do("start").code == 0
    since = compute.world.attributes[RUNS]["compute1"]
    began, _, booted = since.partition("-")
    assert 0 < int(booted) <= begin <= int(began) <= time.time() + 1
    compute.world.attributes.clear()
    assert compute.do("monitor").code == 0
    assert compute.world.attributes[RUNS] == {"compute1": since}
    compute.active = False
    assert compute.do("monitor").code == 7
    assert compute.world.attributes[RUNS] == {}


def test_nova_compute_start_fails_during_evacuation(compute: Compute) -> None:
    compute.world.permanent["compute1", EVACUATION] = "20261120T170000Z-0001"
    answer = compute.do("start")
    assert answer.code == 1
    assert "this node is still being evacuated (request 20261120T170000Z-0001)" in answer.reason
    assert not compute.active
    assert compute.world.now > 10  # the start waited first


def test_nova_compute_publishes_crashed_instances(compute: Compute) -> None:
    compute.do("start")
    compute.world.results["virsh --readonly"] = lambda argv: Result(
        0, "one\n" if "list" in argv else "shut off (crashed)\n"
    )
    assert compute.do("monitor").code == 0
    assert CRASHED not in compute.world.attributes
    assert compute.do("monitor", detect_crashed_instances="yes").code == 0
    assert compute.world.attributes[CRASHED] == {"compute1": "one"}
    assert compute.do("stop").code == 0
    assert compute.world.attributes[CRASHED] == {}
