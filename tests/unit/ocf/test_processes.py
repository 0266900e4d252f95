"""Processes, commands and daemons, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pacemaker_os.ocf import command, process
from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.process import IdleTimer, Process

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 60 & wait; done"
FAMILY = "sleep 60 & (trap '' TERM; sleep 60 & wait) & echo ready; wait"


@pytest.fixture
def family() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for child in started:
        child.kill()
        child.communicate()


def shell(script: str, started: list[subprocess.Popen[str]]) -> Process:
    child = subprocess.Popen(
        ["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    started.append(child)
    assert child.stdout and child.stdout.readline() == "ready\n"
    found = Process.find(child.pid)
    assert found
    return found


def until(condition: object) -> None:
    assert callable(condition)
    assert Deadline(30).try_wait(condition, every=0.01)


def test_process_reused_pid_is_another_process() -> None:
    own = Process.find(os.getpid())
    assert own and own.alive
    assert not Process(own.pid, own.started + 1).alive
    assert own.program == str(Path(f"/proc/{os.getpid()}/exe").readlink())
    assert own.arguments[0] == Path(f"/proc/{os.getpid()}/cmdline").read_bytes().split(b"\0")[0].decode()


def test_process_zombie_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    until(lambda: process.stat(child.pid)[:1] == ["Z"])
    assert Process.find(child.pid) is None
    child.wait()


def test_end_process_that_handles_sigterm(family: list[subprocess.Popen[str]]) -> None:
    found = shell("echo ready; exec sleep 60", family)
    assert process.end(found, Deadline(20)) == "ended"


def test_end_process_that_ignores_sigterm_is_killed(family: list[subprocess.Popen[str]]) -> None:
    found = shell(STUBBORN, family)
    tree = found.tree()
    assert process.end(found, Deadline(20), grace=0.2) == "killed"
    until(lambda: not any(member.alive for member in tree))


def test_end_stopped_process_is_killed(family: list[subprocess.Popen[str]]) -> None:
    found = shell("echo ready; exec sleep 60", family)
    found.signal(signal.SIGSTOP)
    until(lambda: process.stat(found.pid)[0] == "T")
    assert process.end(found, Deadline(20), grace=0.2) == "killed"


def test_kill_tree_kills_all_descendants(family: list[subprocess.Popen[str]]) -> None:
    found = shell(FAMILY, family)
    until(lambda: len(found.tree()) >= 4)
    tree = found.tree()
    process.kill_tree(found)
    until(lambda: not any(member.alive for member in tree))


def test_idle_timer_distinguishes_waiting_from_work(
    family: list[subprocess.Popen[str]],
) -> None:
    waiting = IdleTimer(shell("echo ready; exec sleep 100", family), now=0.0)
    worker = shell("echo ready; while :; do :; done", family)
    working = IdleTimer(worker, now=0.0)
    until(lambda: worker.cpu_seconds > 1.2)
    assert waiting.seconds(now=50.0) == 50.0
    assert working.seconds(now=50.0) == 0.0


def test_run_returns_status_and_output() -> None:
    result = command.run(
        ["/bin/sh", "-c", "read a; echo got $a; echo bad >&2; exit 3"], Deadline(20), input="x\n"
    )
    assert (result.status, result.stdout, result.stderr, result.error_line) == (3, "got x\n", "bad\n", "bad")


def test_run_environment_is_minimal() -> None:
    os.environ["PACEMAKER_OS_TEST"] = "leaks"
    result = command.run(["/usr/bin/env"], Deadline(20), environ={"HOME": "/x"})
    assert "leaks" not in result.stdout
    assert "HOME=/x" in result.stdout.splitlines()


def test_run_timeout_kills_command_and_children(tmp_path: Path) -> None:
    begin = time.monotonic()
    marker = tmp_path / "pids"
    with pytest.raises(TimedOut):
        command.run(["/bin/sh", "-c", f"sleep 60 & echo $! $$ > {marker}; wait"], Deadline(1))
    assert time.monotonic() - begin < 10
    until(lambda: not any(Process.find(int(pid)) for pid in marker.read_text().split()))


def test_run_does_not_wait_for_daemon_of_command() -> None:
    begin = time.monotonic()
    result = command.run(["/bin/sh", "-c", "sleep 20 & echo $!"], Deadline(15))
    assert time.monotonic() - begin < 5
    os.kill(int(result.stdout), signal.SIGKILL)


def test_run_excessive_output_kills_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "OUTPUT_LIMIT", 100_000)
    with pytest.raises(Failure, match="printed more than"):
        command.run(["/usr/bin/yes"], Deadline(20))


def test_run_missing_program_is_a_failure() -> None:
    with pytest.raises(Failure, match="cannot run /no/such/program: No such file"):
        command.run(["/no/such/program"], Deadline(5))


def daemon(
    tmp_path: Path, *programs: str, pid_file: str = "", belongs: Callable[[Process], bool] = bool
) -> Daemon:
    record = str(tmp_path / "run" / "x.daemon")
    return Daemon(record, programs=programs, pid_file=pid_file, belongs=belongs)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a daemon as another user")
def test_daemon_is_started_found_and_stopped(tmp_path: Path) -> None:
    found = daemon(tmp_path, "sleep")
    assert found.find() is None
    log = tmp_path / "log"
    started = found.launch(
        ["/bin/sh", "-c", "echo $HOME; exec sleep 60"], log=str(log), environ={"HOME": "/y"}
    )
    until(lambda: log.read_text() == "/y\n")
    assert daemon(tmp_path, "sleep").find() == started
    assert found.stop(Deadline(20)) == "ended"
    assert found.find() is None
    assert found.stop(Deadline(20)) == "gone"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can restore its own niceness")
def test_launch_niceness_applies_to_daemon_only(tmp_path: Path) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    niceness, child = min(own + 3, 19), daemon(tmp_path)
    started = child.launch(["/bin/sleep", "60"], niceness=niceness)
    assert os.getpriority(os.PRIO_PROCESS, started.pid) == niceness
    assert os.getpriority(os.PRIO_PROCESS, 0) == own
    child.stop(Deadline(10))


def test_find_ignores_pid_file_of_another_program(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert daemon(tmp_path, "redis-server", pid_file=str(pid_file)).find() is None
    own = Process.find(os.getpid())
    assert own
    name = Path(own.program).name
    assert daemon(tmp_path, name, pid_file=str(pid_file)).find() == own
    other = daemon(tmp_path, name, pid_file=str(pid_file), belongs=lambda process: process.directory == "/x")
    assert other.find() is None


def test_orphans_are_the_rest_of_the_session_of_an_ended_process(
    tmp_path: Path, family: list[subprocess.Popen[str]]
) -> None:
    found, leader = daemon(tmp_path), shell("sleep 60 & echo ready; wait", family)
    (helper,) = leader.tree()[1:]
    found.remember(leader)
    assert found.orphans() == []
    family[0].kill()
    family[0].wait()
    assert found.orphans() == [helper]
    helper.signal(signal.SIGKILL)


@pytest.mark.parametrize("text", ["", "x", "1 2 3", "-1", "0", "99999999", "4194304 5"])
def test_find_invalid_record_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "x.daemon").write_text(text)
    (tmp_path / "pid").write_text(text)
    assert daemon(tmp_path, "sleep", pid_file=str(tmp_path / "pid")).find() is None
