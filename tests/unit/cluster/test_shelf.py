"""Folders of small files that nobody else reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.cluster.store.records import LocalShelf, NodeShelf
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.fake import Expect, FakeTransport


def test_local(tmp_path: Path) -> None:
    shelf = LocalShelf(tmp_path / "a" / "history")
    assert shelf.names() == []
    shelf.write("2.json", b"two")
    shelf.write("1.json", b"one")
    shelf.write("1.json", b"ONE")
    assert (shelf.names(), shelf.read("1.json")) == (["1.json", "2.json"], b"ONE")
    assert shelf.folder.stat().st_mode & 0o777 == 0o700
    assert (shelf.folder / "1.json").stat().st_mode & 0o777 == 0o600
    shelf.remove(["1.json", "never-there.json"])
    assert shelf.names() == ["2.json"]


def test_local_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ClusterError, match=r"file/1\.json: File exists"):
        LocalShelf(tmp_path / "file").write("1.json", b"")


def test_on_a_node() -> None:
    fake = FakeTransport(
        [
            Expect(("ls", "-1", "--", "/var/h"), stdout="b\na\n"),
            Expect(("mkdir", "-p", "-m", "0700", "--", "/var/h")),
            Expect(("rm", "-f", "--", "/var/h/a", "/var/h/b")),
        ]
    )
    shelf = NodeShelf(fake, "/var/h")
    assert shelf.names() == ["a", "b"]
    shelf.write("c", b"three")
    assert shelf.read("c") == b"three"
    assert fake.modes["/var/h/c"] == (0o600, "root:root")
    shelf.remove(["a", "b"])
    shelf.remove([])
    fake.finish()
