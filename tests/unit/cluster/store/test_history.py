"""The apply history: its records, and those of earlier versions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.store.base import Store
from pacemaker_os.cluster.store.history import History, merge, read_history
from pacemaker_os.cluster.store.live import HISTORY_DIRECTORIES, LiveStore
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.transport.fake import Expect, FakeTransport

RECORD = Record(
    id="20260101T000000-0.1",
    when="",
    document="site",
    before=Version(0, 0, 0),
    after=Version(0, 1, 0),
    changes=(),
    reverts="20251231T000000-0.0",
)
SECOND = replace(RECORD, id="20260102T000000-0.2", reverts="")


def store_with(tmp_path: Path, *records: Record) -> Store:
    """Return a CIB file with a history."""
    store = connect(Target(cib_file=str(tmp_path / "cib.xml"))).store
    for record in records:
        store.history.write(f"{record.id}.json", json.dumps(record.to_json()).encode())
    return store


def test_read_history_returns_the_newest_record_first(tmp_path: Path) -> None:
    assert read_history(store_with(tmp_path, RECORD, SECOND)) == (SECOND, RECORD)
    assert read_history(store_with(tmp_path / "empty")) == ()


def test_read_history_reports_an_invalid_record_or_skips_it(tmp_path: Path) -> None:
    store = store_with(tmp_path, RECORD)
    for name, data in (("20260103.json", b"{broken"), ("20260104.json", b"[]"), ("20260105.json", b"{}")):
        store.history.write(name, data)
        with pytest.raises(
            ClusterError, match=f"cannot read '{name}' in the apply history: not a valid record"
        ):
            read_history(store)
    assert read_history(store, skip_invalid=True) == (RECORD,)


def test_record_with_the_keys_of_the_first_version_is_read() -> None:
    change = ConfigChange(
        key="primitive:a",
        kind="primitive",
        name="a",
        parent_path=(("resources", ()),),
        old=None,
        new='<primitive id="a"/>',
    )
    record = replace(RECORD, changes=(change,))
    old = {"reverts": "undoes", "changes": "operations"}
    data = {old.get(key, key): value for key, value in record.to_json().items()}
    data["operations"][0]["place"] = data["operations"][0].pop("parent_path")
    assert Record.from_json(data) == record


def test_live_history_is_also_read_from_the_directory_of_the_first_version() -> None:
    assert HISTORY_DIRECTORIES == ("/var/lib/pacemaker-os/history", "/var/lib/pcs-os/history")
    line = f"/var/lib/pcs-os/history/{RECORD.id}.json:{json.dumps(RECORD.to_json())}\n"
    argv = ("grep", "--recursive", "--no-messages", "--text", "--include=*.json", "", *HISTORY_DIRECTORIES)
    fake = FakeTransport([Expect(argv, stdout=line)])
    assert read_history(LiveStore(fake)) == (RECORD,)
    fake.finish()


def test_history_without_a_cib_keeps_what_the_writers_recorded() -> None:
    prepared = replace(RECORD, parent="", mark="x", progress="prepared")
    failed = replace(prepared, id="20260102T000000-0.2", progress="failed")
    history = History.without_cib((failed, prepared, RECORD))
    assert [history.lineage.state(each) for each in history.records] == ["failed", "unknown", "done"]


def test_merged_histories_keep_the_latest_version_of_each_record() -> None:
    prepared = replace(RECORD, parent="", mark="x", progress="prepared")
    done, other = replace(prepared, progress="done"), replace(SECOND, parent="", mark="y")
    assert merge((prepared,), (done, other), (prepared,)) == (other, done)
