"""Preparation of the machine: packages, commands with a log, PID files of the engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pacemaker_os import machine


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "LOG", tmp_path / "log")
    return tmp_path / "log"


@pytest.fixture
def apt_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Path) -> Path:
    """A package manager that records its arguments."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{calls}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return calls


def test_missing_packages_absent_program_returns_its_package() -> None:
    assert machine.missing_packages({"sh": "dash", "no-such-program": "the-package"}) == ["the-package"]


def test_install_as_root_calls_apt_get(apt_get: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "is_root", lambda: True)
    machine.install(["one", "two"])
    assert apt_get.read_text().splitlines() == ["update -q", "install --no-install-recommends -qy one two"]


def test_install_without_root_reports_the_command(apt_get: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "is_root", lambda: False)
    with pytest.raises(machine.SetupError, match=r"not root.*apt-get install .*one two"):
        machine.install(["one", "two"])
    assert not apt_get.exists()


def test_run_logged_failing_command_reports_the_end_of_the_log(log: Path) -> None:
    with pytest.raises(machine.SetupError, match=r"exited with status 3:\n(.*\n)*.*no space"):
        machine.run_logged([sys.executable, "-c", "print('no space'); raise SystemExit(3)"], timeout=10)


def test_run_logged_slow_command_times_out(log: Path) -> None:
    with pytest.raises(machine.SetupError, match=r"timed out after 0.1 s"):
        machine.run_logged(["sleep", "60"], timeout=0.1)


def test_run_logged_absent_program_is_named(log: Path) -> None:
    with pytest.raises(machine.SetupError, match="no-such-program"):
        machine.run_logged(["no-such-program"], timeout=1)


def test_remove_stale_pid_files_keeps_running_engine(tmp_path: Path) -> None:
    running, reused, ended = tmp_path / "running", tmp_path / "reused", tmp_path / "ended"
    name = machine.process_name(str(os.getpid()))
    running.write_text(f"{os.getpid()}\n")
    reused.write_text(str(os.getpid()))
    ended.write_text("4194305")
    pid_files = {running: name, reused: "dockerd", ended: "dockerd", tmp_path / "none": "dockerd"}
    machine.remove_stale_pid_files(pid_files)
    assert sorted(tmp_path.iterdir()) == [running]
    assert "python" in name


def test_process_name_zombie_is_empty() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert machine.process_name(str(child.pid)) == ""
    child.wait()


def test_run_tests_unknown_lane_is_rejected() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, root / "run-tests", "unti"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "unknown lane 'unti'; did you mean 'unit'?" in done.stderr
