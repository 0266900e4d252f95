"""The apply history: records that are read, and those that are not."""

from __future__ import annotations

import json
from dataclasses import replace

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.store.history import Record, _records
from pacemaker_os.plan.diff.change import ConfigChange

RECORD = Record(
    id="20260101T000000-0.1",
    when="",
    document="site",
    before=Version(0, 0, 0),
    after=Version(0, 1, 0),
    changes=(),
)


def test_records_that_follow_each_other_are_read_up_to_what_is_none() -> None:
    text = json.dumps(RECORD.to_json())
    second = replace(RECORD, id="2")
    assert [each.id for each in _records(f"{text}\n{json.dumps(second.to_json())}")] == [RECORD.id, "2"]
    assert list(_records(f"{text}{{broken")) == [RECORD]
    assert list(_records("")) == []


def test_record_of_plan_format_1_is_read() -> None:
    change = ConfigChange(
        key="primitive:a",
        kind="primitive",
        name="a",
        parent_path=(("resources", ()),),
        old=None,
        new='<primitive id="a"/>',
    )
    record = replace(RECORD, changes=(change,))
    data = record.to_json()
    data["operations"] = data.pop("changes")
    data["operations"][0]["place"] = data["operations"][0].pop("parent_path")
    assert Record.from_json(data) == record
