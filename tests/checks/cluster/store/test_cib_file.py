"""A CIB file, with Pacemaker's tools and without them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import small_cibs
from lxml import etree
from small_cibs import cib

from pacemaker_os.cib.tree import content
from pacemaker_os.cluster import Cluster, Target, connect
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, Conflict, InputError

TOOLS = ["with cibadmin", "by the library alone"]


@pytest.fixture(params=TOOLS)
def cluster(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """Return a cluster on the file `cib.xml` in tmp_path, which does not exist yet."""
    if request.param == TOOLS[0] and shutil.which("cibadmin") is None:
        pytest.skip("cibadmin is not installed (Debian: pacemaker-cli-utils)")
    if request.param == TOOLS[1]:
        monkeypatch.setattr("pacemaker_os.cluster.store.file.which", lambda name: None)
    return connect(Target(cib_file=str(tmp_path / "cib.xml")))


def write(path: Path, content: etree._Element) -> None:
    path.write_bytes(etree.tostring(content))


def test_missing_file_is_an_empty_cib_and_is_created(cluster: Cluster, tmp_path: Path) -> None:
    base = cluster.query()
    assert not base.exists
    target = content.with_configuration(base.cib, content.configuration(cib("x")))
    cluster.push(base, target)
    assert cluster.query().exists
    assert content.same(content.configuration(cluster.query().cib), content.configuration(cib("x")))
    assert [path.name for path in tmp_path.iterdir()] == ["cib.xml"]


def test_push_writes_once_and_keeps_the_mode(cluster: Cluster, tmp_path: Path) -> None:
    write(tmp_path / "cib.xml", cib("x"))
    (tmp_path / "cib.xml").chmod(0o640)
    after = cluster.push(cluster.query(), cib("y"))
    assert str(after.version) == "0.11.0"
    assert (tmp_path / "cib.xml").stat().st_mode & 0o777 == 0o640


def test_concurrent_change_is_a_conflict(cluster: Cluster, tmp_path: Path) -> None:
    write(tmp_path / "cib.xml", cib("x"))
    base = cluster.query()
    write(tmp_path / "cib.xml", cib("theirs", epoch=11, num_updates=0))
    with pytest.raises(Conflict):
        cluster.push(base, cib("mine"))
    assert cluster.query().same_configuration(Snapshot(cib("theirs", epoch=11)))


def test_file_created_after_the_read_is_a_conflict(cluster: Cluster, tmp_path: Path) -> None:
    base = cluster.query()
    write(tmp_path / "cib.xml", base.cib)
    with pytest.raises(Conflict):
        cluster.push(base, content.with_configuration(base.cib, content.configuration(cib("x"))))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "invalid XML"),
        (b"<cib>", "invalid XML"),
        (b"<html/>", "not a CIB"),
        (b"\xff\xfe\x00", "invalid XML"),
    ],
)
def test_invalid_file_is_an_input_error(
    cluster: Cluster, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "cib.xml").write_bytes(content)
    with pytest.raises(InputError, match=rf"cib\.xml:1.*{message}"):
        cluster.query()


def test_directory_and_missing_directory_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="this is a directory; specify a file"):
        connect(Target(cib_file=str(tmp_path))).query()
    with pytest.raises(ClusterError, match=r"directory .* does not exist"):
        connect(Target(cib_file=str(tmp_path / "a" / "b"))).query()


def test_schema_violation_leaves_the_file_unchanged(tmp_path: Path) -> None:
    if shutil.which("cibadmin") is None:
        pytest.skip("cibadmin is not installed (Debian: pacemaker-cli-utils)")
    write(tmp_path / "cib.xml", cib("x"))
    before = (tmp_path / "cib.xml").read_bytes()
    cluster, bad = connect(Target(cib_file=str(tmp_path / "cib.xml"))), cib("x")
    etree.SubElement(bad.find("configuration/resources"), "nonsense", id="n")
    with pytest.raises(ClusterError, match="schema"):
        cluster.push(cluster.query(), bad)
    assert (tmp_path / "cib.xml").read_bytes() == before


def test_killed_push_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    """Push in a child process that is killed at varying times; the file is always complete."""
    path = tmp_path / "cib.xml"
    program = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(Path(small_cibs.__file__).parent)!r})
        from pacemaker_os.cluster import Target, connect
        from small_cibs import cib
        cluster = connect(Target(cib_file={str(path)!r}))
        print("ready", flush=True)
        for n in range(10_000):
            base = cluster.query()
            cluster.push(base, cib(str(n), *["x"] * 200, epoch=1))
        """
    )
    for _ in range(5):
        write(path, cib("start", *["x"] * 200))
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        epoch = cib_epoch(path)
        while cib_epoch(path) < epoch + 3:
            assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert len(Snapshot.of(path.read_bytes()).cib.findall("configuration/resources/primitive")) == 201


def cib_epoch(path: Path) -> int:
    return Snapshot.of(path.read_bytes()).version.epoch


def test_two_writers_lose_no_change(tmp_path: Path) -> None:
    """Count up in one file from two processes; every success is one epoch, and no count is lost."""
    path = tmp_path / "cib.xml"
    write(path, cib("0", "0"))
    program = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(Path(small_cibs.__file__).parent)!r})
        from copy import deepcopy
        from pacemaker_os.cluster import Target, connect
        from pacemaker_os.errors import Conflict
        cluster, mine, done = connect(Target(cib_file={str(path)!r})), sys.argv[1], 0
        while done < 15:
            base = cluster.query()
            target = deepcopy(base.cib)
            pair = target.find(f".//nvpair[@id='{{mine}}-i-fake']")
            pair.set("value", str(int(pair.get("value")) + 1))
            try:
                cluster.push(base, target)
            except Conflict:
                continue
            done += 1
        """
    )
    children = [subprocess.Popen([sys.executable, "-c", program, name]) for name in ("r0", "r1")]
    assert [child.wait(timeout=120) for child in children] == [0, 0]
    after = Snapshot.of(path.read_bytes())
    assert [pair.get("value") for pair in after.cib.iter("nvpair")] == ["15", "15"]
    assert after.version.epoch == 10 + 30
