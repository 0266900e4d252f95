"""Watching a cluster: its CIB version, and its state."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.observe.cib_watcher import FileWatcher, LiveWatcher, watch_cib
from pacemaker_os.cluster.observe.watch_state import watch_state
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.errors import PacemakerOsError, TransportError
from pacemaker_os.transport.fake import FakeTransport
from pacemaker_os.transport.local import LocalTransport

#: A cibadmin that says what the file beside it holds, and who asked for it.
CIBADMIN = '#!/bin/sh\ncat "$(dirname "$0")/version"\n'


@pytest.fixture
def cluster_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with a `cibadmin` that comes first in PATH."""
    tool = tmp_path / "cibadmin"
    tool.write_text(CIBADMIN)
    tool.chmod(0o755)
    (tmp_path / "version").write_text('<cib epoch="1"/>\n')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_live_watcher_detects_a_changed_cib(cluster_tools: Path) -> None:
    watcher = LiveWatcher(LocalTransport())
    try:
        first = watcher.poll()
        assert 'epoch="1"' in first
        assert watcher.poll() == first
        (cluster_tools / "version").write_text('<cib epoch="2"/>\n')
        assert watcher.poll() != first
    finally:
        watcher.close()


def test_live_watcher_uses_one_process_that_ends_with_its_input(cluster_tools: Path) -> None:
    watcher = LiveWatcher(LocalTransport())
    watcher.poll()
    child = watcher._child
    watcher.poll()
    assert child is not None and watcher._child is child
    assert child.stdin is not None
    # What happens at the other end of a line that breaks.
    child.stdin.close()
    assert child.wait(timeout=10) == 0
    watcher.close()


def test_live_watcher_replaces_a_killed_process(cluster_tools: Path) -> None:
    watcher = LiveWatcher(LocalTransport())
    watcher.poll()
    assert watcher._child is not None
    watcher._child.kill()
    watcher._child.wait()
    with pytest.raises(TransportError):
        watcher.poll()
    assert 'epoch="1"' in watcher.poll()
    watcher.close()


def test_fake_transport_cannot_be_watched() -> None:
    class Nowhere:
        transport = FakeTransport()
        store = LiveStore(transport)

    with pytest.raises(TransportError, match="does not support watching"):
        watch_cib(Nowhere())


def test_file_watcher_detects_a_changed_file(tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    watcher = watch_cib(connect(Target(cib_file=str(path))))
    assert isinstance(watcher, FileWatcher)
    with pytest.raises(TransportError, match="No such file"):
        watcher.poll()
    path.write_text("one")
    first = watcher.poll()
    assert watcher.poll() == first
    path.write_text("other")
    assert watcher.poll() != first


CIB = """
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.7" admin_epoch="0" epoch="{}" num_updates="0">
  <configuration><crm_config/><nodes><node id="1" uname="n1"/></nodes>
  <resources>{}</resources><constraints/></configuration><status/>
</cib>
"""
VIP = '<primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2"/>'


@pytest.mark.skipif(not shutil.which("crm_mon"), reason="crm_mon is not installed")
def test_watch_state_follows_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    path.write_text(CIB.format(1, VIP))
    # What happens while nobody looks, in this order: nothing, a change, the file gone, and back.
    meanwhile = iter(
        [
            lambda: None,
            lambda: path.write_text(CIB.format(2, "")),
            lambda: path.rename(tmp_path / "away"),
            lambda: (tmp_path / "away").rename(path),
        ]
    )
    looks = watch_state(connect(Target(cib_file=str(path))), pause=lambda seconds: next(meanwhile)())
    first, changed, gone, back = (next(looks) for _ in range(4))
    assert [each.id for each in first.state.services] == ["vip"]
    assert [change.text for change in changed.changes] == ["vip was removed from the configuration"]
    assert "No such file" in gone.error and gone.state == changed.state
    assert (back.error, back.changes) == ("", ())
    looks.close()


def test_unreadable_cluster_at_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PacemakerOsError, match=r"none\.xml"):
        next(watch_state(connect(Target(cib_file=str(tmp_path / "none.xml")))))
