"""The report about a Galera data directory, from its files and a scripted recovery run."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

import pytest

from pacemaker_os.agents.galera.decide import Report
from pacemaker_os.agents.galera.position import COMPLETE, EMPTY, PARTIAL, RECORD, UNDEFINED_UUID, UNPROVEN
from pacemaker_os.agents.galera.server import Installation, progress_of_copy
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.command import Result

UUID = "9a1b2c3d-0000-11ee-8000-123456789abc"
INTERRUPTED = Report(UNDEFINED_UUID, -1, False, 0, PARTIAL)


def installed(data: Path) -> Installation:
    user = pwd.getpwuid(os.getuid()).pw_name
    path = str(data)
    return Installation(binary="mariadbd", config="c", data=path, user=user, log="l", socket="s")


def grastate(uuid: str, seqno: int) -> str:
    return f"# GALERA saved state\nversion: 2.1\nuuid:    {uuid}\nseqno:   {seqno}\nsafe_to_bootstrap: 0\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("mysql", "app"):
        (tmp_path / "data" / name).mkdir(parents=True)
    (tmp_path / "data" / "grastate.dat").write_text(grastate(UUID, -1))
    return tmp_path / "data"


def report(data: Path, found: str = f"Recovered position: {UUID}:17\n") -> Report:
    def recovery(argv: Sequence[str]) -> Result:
        (log,) = (word.partition("=")[2] for word in argv if word.startswith("--log-error="))
        Path(log).write_text(found)
        return Result(0)

    return installed(data).report(recovery, str(data.parent / "recovery"))


def test_report_after_crash_has_recovered_position(data: Path) -> None:
    assert report(data) == Report(UUID, 17, False, 1, COMPLETE)


def test_report_of_interrupted_transfer_needs_no_recovery_run(data: Path) -> None:
    (data / "sst_in_progress").touch()
    assert report(data, "") == INTERRUPTED


def test_report_of_data_that_galera_marked_as_invalid(data: Path) -> None:
    (data / "grastate.dat").write_text(grastate(UNDEFINED_UUID, -1))
    assert report(data) == INTERRUPTED


def test_report_of_half_copied_data_without_any_position(data: Path) -> None:
    (data / "grastate.dat").write_text(grastate(UNDEFINED_UUID, -1))
    broken = "0 [ERROR] InnoDB: tablespace is missing\n0 [ERROR] Unknown storage engine: InnoDB\n"
    with pytest.raises(Failure, match="tablespace is missing"):
        report(data, broken)
    installed(data).prepare_join(Report(UUID, 17, False, 1))
    assert report(data, broken) == INTERRUPTED


def test_report_without_grastate_depends_on_the_record(data: Path) -> None:
    (data / "grastate.dat").unlink()
    assert report(data) == Report(UUID, 17, False, 1, UNPROVEN)
    installed(data).record_synced(UUID)
    assert report(data) == Report(UUID, 17, False, 1, COMPLETE)


def test_report_of_empty_directory(tmp_path: Path) -> None:
    assert report(tmp_path) == Report(UNDEFINED_UUID, -1, False, 0, EMPTY)


def test_bootstrap_writes_complete_state_file(data: Path) -> None:
    (data / "grastate.dat").unlink()
    installed(data).allow_bootstrap(Report(UUID, 17, False, 1))
    assert installed(data).position() == (UUID, 17, True)


def test_join_replaces_rest_of_transfer_and_stale_pid_files(data: Path) -> None:
    (data / "wsrep_sst.pid").write_text("1\n")
    installed(data).prepare_join(INTERRUPTED)
    assert sorted(path.name for path in data.iterdir()) == ["app", "mysql", RECORD]


def test_record_synced_removes_stale_transfer_marker(data: Path) -> None:
    (data / "sst_in_progress").touch()
    installed(data).record_synced(UUID)
    assert report(data).copy == COMPLETE


def test_progress_of_copy_is_that_of_the_copied_files(data: Path) -> None:
    table = data / "app" / "t.ibd"
    table.write_bytes(b"x" * 8192)
    before = progress_of_copy(str(data))
    (data / "galera.cache").write_bytes(b"x" * 65536)
    (data / "rsync_sst.log").write_text("waiting")
    assert progress_of_copy(str(data)) == before
    os.utime(table, (before[1] + 5, before[1] + 5))
    assert progress_of_copy(str(data)) == (before[0], before[1] + 5)
