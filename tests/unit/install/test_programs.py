"""The programs that run on nodes, run here: they need the standard library alone."""

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


def piece(path: Path, text: str, mode: int = 0o640) -> dict[str, object]:
    content = base64.b64encode(text.encode()).decode()
    return {"action": "file", "path": str(path), "content": content, "owner": ME, "mode": mode}


def write(*pieces: dict[str, object]) -> None:
    run_program(LocalTransport(), "write_files", pieces)


def question(**asked: object) -> dict[str, object]:
    nothing: dict[str, object] = {
        "packages": [],
        "files": {},
        "directories": [],
        "units": [],
        "daemons": {},
        "names": [],
        "settings": [],
        "stamps": "/nowhere",
    }
    return nothing | asked


def test_a_file_is_written_whole_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "etc" / "service.conf"
    write(piece(file, "one\n"), piece(file, "two\n", 0o600))
    assert file.read_text() == "two\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["service.conf"]


def test_what_cannot_be_written_is_told_with_its_path_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "service.conf"
    with pytest.raises(CommandFailed) as failed:
        write(piece(file, "hidden\n") | {"owner": "nobody-of-that-name:nobody-of-that-name"})
    assert str(file) in str(failed.value)
    assert "hidden" not in str(failed.value)
    assert list(tmp_path.iterdir()) == []


def test_folders_are_made_and_cleared_of_what_they_shall_not_have(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    write(
        {"action": "directory", "path": str(folder), "owner": ME},
        piece(folder / "0", "a"),
        piece(folder / "1", "b"),
    )
    write({"action": "clear", "path": str(folder), "keep": ["1"]})
    assert [path.name for path in folder.iterdir()] == ["1"]


def test_a_note_is_for_its_owner_alone(tmp_path: Path) -> None:
    write({"action": "stamp", "path": str(tmp_path / "notes" / "tables"), "content": "abc"})
    assert (tmp_path / "notes" / "tables").stat().st_mode & 0o777 == 0o600
    answer = run_program(LocalTransport(), "collect_facts", question(stamps=str(tmp_path / "notes")))
    assert answer["stamps"] == {"tables": "abc"}


def test_a_look_says_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "service.conf"
    write(piece(file, "one\n"))
    asked = question(
        files={str(file): "another digest", str(tmp_path / "none"): ""},
        directories=[str(tmp_path), "/nowhere"],
        names=["localhost"],
        settings=["kernel.ostype", "kernel.nothing_of_that_name"],
    )
    answer = run_program(LocalTransport(), "collect_facts", asked)
    found = answer["files"][str(file)]
    assert (found["owner"], found["mode"], found["text"]) == (ME, 0o640, "one\n")
    assert answer["files"][str(tmp_path / "none")] is None
    assert answer["directories"] == {str(tmp_path): ME, "/nowhere": None}
    assert {"127.0.0.1", "::1"} & set(answer["names"]["localhost"])
    assert answer["settings"] == {"kernel.ostype": "Linux", "kernel.nothing_of_that_name": ""}
    again = run_program(LocalTransport(), "collect_facts", question(files={str(file): found["digest"]}))
    assert again["files"][str(file)]["text"] == ""


def test_a_folder_is_read_as_it_was_written(tmp_path: Path) -> None:
    write(piece(tmp_path / "ring" / "a.gz", "a"), piece(tmp_path / "ring" / "sub" / "b", "b"))
    seen = run_program(LocalTransport(), "tree_digests", str(tmp_path / "ring"))
    files = run_program(LocalTransport(), "read_tree", str(tmp_path / "ring"))
    assert sorted(seen["files"]) == sorted(files) == ["a.gz", "sub/b"]
    assert base64.b64decode(files["sub/b"]) == b"b"
    assert seen["newest"] > 0


def test_a_daemon_is_known_by_its_record_while_it_lives(tmp_path: Path) -> None:
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    records = {
        "alive": f"{os.getpid()} {fields[19]}\n",
        "number-used-again": f"{os.getpid()} 1\n",
        "gone": f"{2**22 + 1} 5\n",
        "nonsense": "x\n",
    }
    for name, text in records.items():
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1000.9, 1000.9))
    asked = {name: str(tmp_path / name) for name in (*records, "missing")}
    found = run_program(LocalTransport(), "collect_facts", question(daemons=asked))["daemons"]
    assert found == {"alive": 1000, "number-used-again": 0, "gone": 0, "nonsense": 0, "missing": 0}


def test_a_command_comes_to_its_end_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    """As when a deployment is killed: the pipe of its output is closed, and its program is ended."""
    begun, killed, end = (tmp_path / name for name in ("begun", "killed", "end"))
    wait = f"touch {begun}; while ! test -e {killed}; do sleep 0.05; done"
    script = f"{wait}; for word in $(seq 1000); do echo $word; done; echo done >{end}"
    program = (Path(programs.__file__).parent / "run_detached.py").read_text()
    text = f"{program}\nmain({{'argv': ['sh', '-c', {script!r}]}})\n"
    running = subprocess.Popen([sys.executable, "-I", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdin
    assert running.stdout
    running.stdin.write(text.encode())
    running.stdin.close()
    wait_for(begun)
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


def test_what_a_command_says_is_told_with_its_status() -> None:
    asked = {"argv": ["sh", "-c", "echo out; echo err >&2; exit 3"]}
    assert run_program(LocalTransport(), "run_detached", asked) == {"status": 3, "output": "out\nerr"}
