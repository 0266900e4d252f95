"""What a machine lacks is found, installed by its package manager, or told in a sentence."""

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
    """A package manager that writes down how it was called."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{calls}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return calls


def test_lacking_names_the_package_of_an_absent_program() -> None:
    assert machine.lacking({"sh": "dash", "no-such-program": "the-package"}) == ["the-package"]


def test_install_calls_the_package_manager(apt_get: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "is_root", lambda: True)
    machine.install(["one", "two"])
    assert apt_get.read_text().splitlines() == ["update -q", "install --no-install-recommends -qy one two"]


def test_without_root_the_command_is_told(apt_get: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "is_root", lambda: False)
    with pytest.raises(machine.SetupError, match=r"not root.*apt-get install .*one two"):
        machine.install(["one", "two"])
    assert not apt_get.exists()


def test_a_failed_command_tells_the_end_of_what_it_said(log: Path) -> None:
    with pytest.raises(machine.SetupError, match=r"ended with 3:\n(.*\n)*.*no space"):
        machine.logged([sys.executable, "-c", "print('no space'); raise SystemExit(3)"], seconds=10)


def test_a_command_without_end_is_stopped(log: Path) -> None:
    with pytest.raises(machine.SetupError, match=r"no end after 0.1 s"):
        machine.logged(["sleep", "60"], seconds=0.1)


def test_an_absent_program_is_named(log: Path) -> None:
    with pytest.raises(machine.SetupError, match="no-such-program"):
        machine.logged(["no-such-program"], seconds=1)


def test_only_a_killed_engine_is_forgotten(tmp_path: Path) -> None:
    ours, theirs, dead = tmp_path / "ours", tmp_path / "theirs", tmp_path / "dead"
    name = machine.program_of(str(os.getpid()))
    ours.write_text(f"{os.getpid()}\n")
    theirs.write_text(str(os.getpid()))
    dead.write_text("4194305")
    pids = {ours: name, theirs: "dockerd", dead: "dockerd", tmp_path / "none": "dockerd"}
    machine.forget_killed_engine(pids)
    assert sorted(tmp_path.iterdir()) == [ours]
    assert "python" in name


def test_a_process_that_nobody_reaped_runs_nothing() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert machine.program_of(str(child.pid)) == ""
    child.wait()


def test_unknown_set_of_tests_is_refused() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, root / "run-tests", "unti"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "there is no set 'unti'" in done.stderr
