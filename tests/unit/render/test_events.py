"""The event stream of an apply: one JSON object per line, repeated only as a heartbeat."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lxml import etree

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.outcome import Pushed
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.prediction.simulation import NOTHING, Action
from pacemaker_os.render.apply.events import EventLines

START = Action("start", "vip", "n1", "", reason="required lb start")

PROGRESS = Progress(
    seconds=0.51,
    snapshot=Snapshot(etree.Element("cib")),
    simulation=NOTHING,
    actions=(START,),
    running=(),
    settled=False,
    stalled=False,
)


class Stream:
    """The written events, and a simulated clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.text, self.now = "", 1000.0
        self.lines = EventLines(self._write)
        monkeypatch.setattr("time.monotonic", lambda: self.now)

    def _write(self, text: str) -> None:
        self.text += text

    @property
    def names(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.text.splitlines()]


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Stream:
    return Stream(monkeypatch)


def test_unchanged_progress_is_repeated_only_as_heartbeat(stream: Stream) -> None:
    stream.lines.on_event(Pushed(Version(0, 11, 0), "20260101T000000-0.11-a1b2c3"))
    for seconds in (0.5, 1.0, 9.0, 0.6):
        stream.lines.on_event(PROGRESS)
        stream.now += seconds
    stream.lines.on_event(PROGRESS)
    stream.lines.on_event(replace(PROGRESS, actions=(), running=("start vip on n1",)))
    assert stream.names == ["pushed", "waiting", "progress", "progress"]
    waiting = json.loads(stream.text.splitlines()[1])
    assert (waiting["seconds"], waiting["remaining"][0]["reason"]) == (0.5, "required lb start")


def test_failed_event_has_code_and_message(stream: Stream) -> None:
    stream.lines.failed(Conflict("the CIB changed"))
    event = json.loads(stream.text)
    assert (event["event"], event["outcome"], event["error"]) == ("failed", "refused", "conflict")
    assert event["problems"][0]["message"] == "the CIB changed"


def test_ended_without_changes_is_done(stream: Stream) -> None:
    stream.lines.ended(None)
    assert json.loads(stream.text) == {"event": "done", "outcome": "no-changes"}
