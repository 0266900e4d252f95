"""The openstack-service agent: its checks, and degraded before failed."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.agents.openstack_service import agent as module
from pacemaker_os.agents.openstack_service import unit
from pacemaker_os.agents.openstack_service.agent import OpenStackService
from pacemaker_os.agents.openstack_service.decide import (
    Degraded,
    Failed,
    Good,
    parse_connections,
    status_wanted,
    verdict,
)
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.codes import TimedOut
from pacemaker_os.ocf.command import Result
from pacemaker_os.ocf.testing import ActionResult, World


@pytest.mark.parametrize(
    ("findings", "before", "expected"),
    [([], 0, Good), ([], 9, Good), (["x"], 0, Degraded), (["x"], 1, Degraded), (["x", "y"], 2, Failed)],
)
def test_verdict_is_degraded_before_failed(findings: list[str], before: int, expected: type) -> None:
    found = verdict(findings, before, tolerated=2)
    assert type(found) is expected
    assert all(finding in found.reason for finding in findings)


@pytest.mark.parametrize(
    ("statuses", "status", "expected"),
    [
        ("200 300", 300, True),
        ("200", 503, False),
        ("2xx", 204, True),
        ("2xx 401", 401, True),
        ("", 200, False),
    ],
)
def test_status_wanted_matches_codes_and_classes(statuses: str, status: int, expected: bool) -> None:
    assert status_wanted(statuses, status) is expected


def test_parse_connections_finds_own_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        inode = int(Path(f"/proc/self/fd/{client.fileno()}").readlink().name[8:-1])
        found = parse_connections(files.lines("/proc/self/net/tcp"))
        assert (inode, listener.getsockname()[1]) in found


def test_check_bus_long_connection_table(tmp_path: Path) -> None:
    """A controller with the virtual IP address has thousands of connections, most of them just closed."""
    table = tmp_path / "tcp"
    closed = "   0: 0B00A8C0:1F90 0C00A8C0:C350 06 00000000:00000000 03:000003E8 00000000 0 0 0 3\n"
    opened = "   0: 0B00A8C0:C351 0C00A8C0:1628 01 00000000:00000000 00:00000000 00000000 0 0 77 1\n"
    table.write_text(f"  sl  local_address rem_address   st\n{closed * 20_000}{opened}")
    assert list(parse_connections(files.lines(str(table)))) == [(77, 5672)]


class Systemd:
    """A cluster with one unit."""

    def __init__(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.scratch = World(), scratch
        self.load, self.active, self.stale = "loaded", "active", "no"
        self.slow_after = math.inf
        self.pacemaker = "active"
        self.after = {"stop": "inactive", "start": "active", "kill": "failed"}
        self.world.results["systemctl"] = self.systemctl
        monkeypatch.setattr(module, "BOOTED", str(scratch))
        monkeypatch.setattr(unit, "BOOTED", str(scratch))
        monkeypatch.setattr(unit, "RUNNING_UNITS", str(scratch / "units"))

    def systemctl(self, argv: Sequence[str]) -> Result:
        if "pacemaker.service" in argv:
            return Result(0, f"ActiveState={self.pacemaker}\n\nActiveState=inactive\n")
        if "NeedDaemonReload" in argv:
            return Result(0, f"NeedDaemonReload={self.stale}\n")
        if len(self.world.commands) > self.slow_after:
            raise TimedOut("/usr/bin/systemctl did not finish before the operation timeout")
        if argv[1] == "show":
            return Result(0, f"LoadState={self.load}\nActiveState={self.active}\nMainPID={os.getpid()}\n")
        if argv[1] == "stop" and not self.after["stop"]:
            raise TimedOut("systemctl stop did not finish")
        if argv[1] == "reset-failed" and self.active == "failed":
            self.active = "inactive"
        self.active = self.after.get(argv[1], self.active)
        return Result(0)

    def do(self, action: str, interval: str = "20000", **parameters: str) -> ActionResult:
        environment: dict[str, Any] = {"unit": "glance-api", **parameters}
        agent = self.world.agent(
            OpenStackService,
            action,
            parameters=environment,
            meta={"interval": interval},
            environ={"HA_RSCTMP": str(self.scratch)},
        )
        return self.world.run(agent)


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    return Systemd(tmp_path, monkeypatch)


def test_monitor_unhealthy_unit_fails_after_degraded(systemd: Systemd) -> None:
    answers = [systemd.do("monitor", url="http://127.0.0.1:1/healthcheck") for _ in range(4)]
    assert [answer.code for answer in answers] == [
        codes.DEGRADED,
        codes.DEGRADED,
        codes.GENERIC,
        codes.GENERIC,
    ]
    assert "nothing listens on 127.0.0.1:1" in answers[-1].reason


def test_monitor_success_resets_the_count(systemd: Systemd) -> None:
    bad = {"bus_port": "1"}
    looks = [bad, bad, {}, bad]
    assert [systemd.do("monitor", **look).code for look in looks] == [190, 190, 0, 190]


def test_monitor_worker_without_bus_connection_is_degraded(systemd: Systemd) -> None:
    assert "no connection to the message bus (port 1)" in systemd.do("monitor", bus_port="1").reason
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        assert systemd.do("monitor", bus_port=str(listener.getsockname()[1])).code == codes.RUNNING


def test_monitor_old_report_is_degraded(systemd: Systemd, tmp_path: Path) -> None:
    report = tmp_path / "nova.log"
    report.touch()
    assert systemd.do("monitor", report_file=str(report)).code == codes.RUNNING
    os.utime(report, (0, time.time() - 500))
    assert "last write to" in systemd.do("monitor", report_file=str(report)).reason


@pytest.mark.parametrize(("active", "code"), [("inactive", 7), ("failed", 7), ("active", 0)])
def test_probe_uses_state_of_systemd(systemd: Systemd, active: str, code: int) -> None:
    systemd.active = active
    assert systemd.do("monitor", "0", url="http://127.0.0.1:1/").code == code


def test_missing_unit_is_not_installed(systemd: Systemd) -> None:
    systemd.load, systemd.active = "not-found", "inactive"
    assert systemd.do("monitor", "0").code == codes.NOT_RUNNING
    assert systemd.do("stop").code == codes.SUCCESS
    answer = systemd.do("start")
    assert (answer.code, "is not installed" in answer.reason) == (codes.INSTALLED, True)


def test_start_timeout_names_failed_check(systemd: Systemd) -> None:
    """The last check has no time left for systemctl; its timeout is not the exit reason."""
    systemd.active, systemd.slow_after = "inactive", 40
    answer = systemd.do("start", bus_port="1")
    assert "no connection to the message bus (port 1)" in answer.reason


def test_start_disables_restart_by_systemd(systemd: Systemd, tmp_path: Path) -> None:
    systemd.active = "inactive"
    assert systemd.do("start").code == codes.SUCCESS
    override = (tmp_path / "glance-api.service.d" / "50-pacemaker-os.conf").read_text()
    assert "Restart=no" in override
    commands = [argv[1] for argv in systemd.world.commands if argv[1] != "show"]
    assert commands == ["daemon-reload", "reset-failed", "start"]


@pytest.mark.parametrize(("stale", "reloads"), [("no", []), ("yes", ["daemon-reload"])])
def test_start_keeps_permanent_drop_in(
    systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stale: str, reloads: list[str]
) -> None:
    """Reloading systemd each time would take a minute on a node with fifty services."""
    monkeypatch.setattr(unit, "SYSTEM", str(tmp_path / "etc"))
    part = tmp_path / "etc" / "glance-api.service.d" / "50-pacemaker-os.conf"
    part.parent.mkdir(parents=True)
    part.write_text("# by the deployment\n[Service]\nRestart=no\n")
    systemd.active, systemd.stale = "inactive", stale
    assert systemd.do("start").code == codes.SUCCESS
    assert not (tmp_path / "glance-api.service.d").exists()
    commands = [argv[1] for argv in systemd.world.commands if argv[1] != "show"]
    assert commands == [*reloads, "reset-failed", "start"]


def test_start_and_stop_maintain_the_marker(systemd: Systemd, tmp_path: Path) -> None:
    marker = tmp_path / "units" / "glance-api.service"
    systemd.active = "inactive"
    assert systemd.do("start").code == codes.SUCCESS
    assert marker.exists()
    assert systemd.do("stop").code == codes.SUCCESS
    assert not marker.exists()
    systemd.active = "active"
    # Started by an agent that did not write the marker.
    assert systemd.do("monitor", "0").code == codes.RUNNING
    assert not marker.exists()
    assert systemd.do("monitor").code == codes.RUNNING
    assert marker.exists()


def test_stop_stops_the_unit(systemd: Systemd) -> None:
    assert systemd.do("stop").code == codes.SUCCESS
    assert ["/usr/bin/systemctl", "stop", "glance-api.service"] in systemd.world.commands


@pytest.mark.parametrize("ended", ["inactive", "failed", ""])
def test_stop_resets_failed_state(systemd: Systemd, ended: str) -> None:
    """This includes a unit that systemd kills after its stop timeout, and one that the agent kills."""
    systemd.after["stop"] = ended
    assert systemd.do("stop").code == codes.SUCCESS
    assert systemd.active == "inactive"


def test_stop_during_shutdown_ignores_dependencies(systemd: Systemd) -> None:
    """systemd stops the unit after Pacemaker, and Pacemaker waits for the unit."""
    systemd.pacemaker = "deactivating"
    assert systemd.do("stop").code == codes.SUCCESS
    line = ["/usr/bin/systemctl", "stop", "--job-mode=ignore-dependencies", "glance-api.service"]
    assert line in systemd.world.commands
