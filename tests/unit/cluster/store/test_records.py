"""Record stores: directories of files that only their owner can read."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from pacemaker_os.cluster.store.records import LocalRecordStore, NodeRecordStore
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.fake import Expect, FakeTransport
from pacemaker_os.transport.local import LocalTransport


def test_local_store_reads_what_it_wrote(tmp_path: Path) -> None:
    store = LocalRecordStore(tmp_path / "a" / "history")
    assert (store.names(), store.read()) == ([], {})
    store.write("2.json", b"two")
    store.write("1.json", b"one")
    store.write("1.json", b"ONE")
    assert list(store.read().items()) == [("1.json", b"ONE"), ("2.json", b"two")]
    assert store.directory.stat().st_mode & 0o777 == 0o700
    assert (store.directory / "1.json").stat().st_mode & 0o777 == 0o600
    store.remove(["1.json", "never-there.json"])
    assert store.names() == ["2.json"]


def test_local_store_that_cannot_be_written_reports_the_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ClusterError, match=r"cannot write '.*file/1\.json': File exists"):
        LocalRecordStore(tmp_path / "file").write("1.json", b"")


def test_node_store_reads_all_directories_and_writes_to_the_first() -> None:
    fake = FakeTransport(
        [
            Expect(
                ("find", "/var/h", "/var/old", "-maxdepth", "1", "-name", "*.json"),
                stdout="/var/old/b.json\n/var/h/a.json\n",
            ),
            Expect(("rm", "-f", "--", "/var/h/a.json", "/var/old/a.json")),
        ]
    )
    store = NodeRecordStore(fake, ("/var/h", "/var/old"))
    assert store.names() == ["a.json", "b.json"]
    store.remove(["a.json"])
    store.remove([])
    fake.finish()


@pytest.mark.skipif(shutil.which("grep") is None, reason="grep is not installed")
def test_node_store_reads_records_of_several_directories_in_order(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    for directory, name, data in (
        (new, "2.json", b'{\n "a": "b:c"\n}'),
        (old, "1.json", b"{}\n"),
        (old, "x", b""),
    ):
        directory.mkdir(exist_ok=True)
        (directory / name).write_bytes(data)
    store = NodeRecordStore(LocalTransport(), (str(new), str(old), str(tmp_path / "none")))
    assert list(store.read().items()) == [("1.json", b"{}\n"), ("2.json", b'{\n "a": "b:c"\n}\n')]


def test_node_store_writes_durably_for_its_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "history"
    store = NodeRecordStore(LocalTransport(), (str(directory),))
    store.write("c.json", b"three")
    store.write("c.json", b"3\n")
    assert store.read() == {"c.json": b"3\n"}
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / "c.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in directory.iterdir()] == ["c.json"]


def test_local_store_removes_what_a_killed_writer_left(tmp_path: Path) -> None:
    store = LocalRecordStore(tmp_path)
    for name, age in ((".old.json.part", 7200), (".new.json.part", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    store.write("1.json", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".new.json.part", "1.json"]
    assert list(store.read()) == ["1.json"]
