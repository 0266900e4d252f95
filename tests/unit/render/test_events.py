"""The stream of events: one JSON object a line, and nothing twice but the heartbeat."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lxml import etree

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.prediction.simulation import NOTHING, Action
from pacemaker_os.render.apply.events import EventLines

START = Action("start", "vip", "n1", "", reason="required lb start")

LOOK = Progress(
    seconds=0.51,
    snapshot=Snapshot(etree.Element("cib")),
    simulation=NOTHING,
    actions=(START,),
    running=(),
    settled=False,
    stalled=False,
)


class Told:
    """What was written, and a clock that is moved by hand."""

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
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


def test_the_same_is_told_again_as_a_heartbeat_only(told: Told) -> None:
    told.lines.tell(Version(0, 11, 0))
    for seconds in (0.5, 1.0, 9.0, 0.6):
        told.lines.tell(LOOK)
        told.now += seconds
    told.lines.tell(LOOK)
    told.lines.tell(replace(LOOK, actions=(), running=("start vip on n1",)))
    assert told.names == ["pushed", "waiting", "progress", "progress"]
    waiting = json.loads(told.text.splitlines()[1])
    assert (waiting["seconds"], waiting["remaining"][0]["reason"]) == (0.5, "required lb start")


def test_refusal_has_its_code_and_its_words(told: Told) -> None:
    told.lines.failed(Conflict("somebody else was first"))
    event = json.loads(told.text)
    assert (event["event"], event["outcome"], event["error"]) == ("failed", "refused", "conflict")
    assert event["problems"][0]["message"] == "somebody else was first"


def test_nothing_to_do(told: Told) -> None:
    told.lines.ended(None)
    assert json.loads(told.text) == {"event": "done", "outcome": "no-changes"}
