"""Programs for nodes, run on this machine."""

import base64
import grp
import os
import pwd
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install import programs
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.transport.local import LocalTransport

ME = f"{pwd.getpwuid(os.getuid()).pw_name}:{grp.getgrgid(os.getgid()).gr_name}"


def entry(path: Path, text: str, mode: int = 0o640) -> dict[str, object]:
    content = base64.b64encode(text.encode()).decode()
    return {"action": "file", "path": str(path), "content": content, "owner": ME, "mode": mode}


def write(*entries: dict[str, object]) -> None:
    run_program(LocalTransport(), "write_files", entries)


def query(**changed: object) -> dict[str, object]:
    defaults: dict[str, object] = {
        "packages": [],
        "files": {},
        "directories": [],
        "units": [],
        "daemons": {},
        "names": [],
        "settings": [],
        "stamps": "/nowhere",
    }
    return defaults | changed


def test_write_files_replaces_file_with_mode(tmp_path: Path) -> None:
    file = tmp_path / "etc" / "service.conf"
    write(entry(file, "one\n"), entry(file, "two\n", 0o600))
    assert file.read_text() == "two\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["service.conf"]


def test_write_files_error_names_path_and_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "service.conf"
    with pytest.raises(CommandFailed) as failed:
        write(entry(file, "hidden\n") | {"owner": "no-such-user:no-such-group"})
    assert str(file) in str(failed.value)
    assert "hidden" not in str(failed.value)
    assert list(tmp_path.iterdir()) == []


def test_write_files_creates_and_clears_directory(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    write(
        {"action": "directory", "path": str(directory), "owner": ME},
        entry(directory / "0", "a"),
        entry(directory / "1", "b"),
    )
    write({"action": "clear", "path": str(directory), "keep": ["1"]})
    assert [path.name for path in directory.iterdir()] == ["1"]


def test_write_files_stamp_is_private(tmp_path: Path) -> None:
    write({"action": "stamp", "path": str(tmp_path / "stamps" / "tables"), "content": "abc"})
    assert (tmp_path / "stamps" / "tables").stat().st_mode & 0o777 == 0o600
    response = run_program(LocalTransport(), "collect_facts", query(stamps=str(tmp_path / "stamps")))
    assert response["stamps"] == {"tables": "abc"}


def test_collect_facts_returns_queried_facts(tmp_path: Path) -> None:
    file = tmp_path / "service.conf"
    write(entry(file, "one\n"))
    facts_query = query(
        files={str(file): "another digest", str(tmp_path / "none"): ""},
        directories=[str(tmp_path), "/nowhere"],
        names=["localhost"],
        settings=["kernel.ostype", "kernel.no_such_setting"],
    )
    response = run_program(LocalTransport(), "collect_facts", facts_query)
    found = response["files"][str(file)]
    assert (found["owner"], found["mode"], found["text"]) == (ME, 0o640, "one\n")
    assert response["files"][str(tmp_path / "none")] is None
    assert response["directories"] == {str(tmp_path): ME, "/nowhere": None}
    assert {"127.0.0.1", "::1"} & set(response["names"]["localhost"])
    assert response["settings"] == {"kernel.ostype": "Linux", "kernel.no_such_setting": ""}
    again = run_program(LocalTransport(), "collect_facts", query(files={str(file): found["digest"]}))
    assert again["files"][str(file)]["text"] == ""


def test_read_tree_returns_written_files(tmp_path: Path) -> None:
    write(entry(tmp_path / "ring" / "a.gz", "a"), entry(tmp_path / "ring" / "sub" / "b", "b"))
    digests = run_program(LocalTransport(), "tree_digests", str(tmp_path / "ring"))
    files = run_program(LocalTransport(), "read_tree", str(tmp_path / "ring"))
    assert sorted(digests["files"]) == sorted(files) == ["a.gz", "sub/b"]
    assert base64.b64decode(files["sub/b"]) == b"b"
    assert digests["newest"] > 0


def test_collect_facts_recognizes_running_daemons(tmp_path: Path) -> None:
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    records = {
        "running": f"{os.getpid()} {fields[19]}\n",
        "reused-pid": f"{os.getpid()} 1\n",
        "stopped": f"{2**22 + 1} 5\n",
        "invalid": "x\n",
    }
    for name, text in records.items():
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1000.9, 1000.9))
    paths = {name: str(tmp_path / name) for name in (*records, "missing")}
    found = run_program(LocalTransport(), "collect_facts", query(daemons=paths))["daemons"]
    assert found == {"running": 1000, "reused-pid": 0, "stopped": 0, "invalid": 0, "missing": 0}


def test_run_detached_finishes_after_its_caller_was_killed(tmp_path: Path) -> None:
    """When a deployment is killed, its output pipe is closed and its program ends."""
    started, killed, end = (tmp_path / name for name in ("started", "killed", "end"))
    wait = f"touch {started}; while ! test -e {killed}; do sleep 0.05; done"
    script = f"{wait}; for word in $(seq 1000); do echo $word; done; echo done >{end}"
    program = (Path(programs.__file__).parent / "run_detached.py").read_text()
    text = f"{program}\nmain({{'argv': ['sh', '-c', {script!r}]}})\n"
    running = subprocess.Popen([sys.executable, "-I", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdin
    assert running.stdout
    running.stdin.write(text.encode())
    running.stdin.close()
    wait_for(started)
    running.stdout.close()
    running.kill()
    running.wait()
    killed.touch()
    wait_for(end)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_run_detached_returns_status_and_output() -> None:
    command = {"argv": ["sh", "-c", "echo out; echo err >&2; exit 3"]}
    assert run_program(LocalTransport(), "run_detached", command) == {"status": 3, "output": "out\nerr"}
