"""The next step of a node of an etcd cluster."""

from __future__ import annotations

import pytest

from pacemaker_os.agents.etcd import decide
from pacemaker_os.agents.etcd.decide import Report, next_step
from pacemaker_os.ocf.steps import Boot, Form, Join, Wait, readable

ALL = ["n1", "n2", "n3"]
EMPTY, FULL, UP = Report("starting", False), Report("starting", True), Report("running", True)
IDLE = Report("stopped", True)


@pytest.mark.parametrize(
    ("node", "online", "reports", "step"),
    [
        ("n1", ALL, {"n1": EMPTY, "n2": EMPTY, "n3": EMPTY}, Form),
        ("n3", ALL, {"n1": EMPTY, "n2": EMPTY, "n3": EMPTY}, Form),
        ("n1", ["n1", "n2"], {"n1": EMPTY, "n2": EMPTY}, Form),
        ("n1", ["n1"], {"n1": EMPTY}, Wait),
        ("n1", ALL, {"n1": EMPTY, "n2": EMPTY}, Wait),
        ("n1", ALL, {"n1": EMPTY, "n2": FULL, "n3": FULL}, Wait),
        ("n1", ALL, {"n1": EMPTY, "n2": UP, "n3": UP}, Join),
        ("n1", ALL, {"n1": FULL, "n2": UP, "n3": UP}, Boot),
        ("n1", ["n1"], {"n1": FULL}, Boot),
    ],
)
def test_next_step(node: str, online: list[str], reports: dict[str, Report], step: type) -> None:
    assert type(next_step(node, ALL, online, reports)) is step


def test_report_encode_and_decode() -> None:
    texts = {"n1": decide.encode(UP), "n2": decide.encode(EMPTY), "n3": "torn"}
    assert readable(texts, decide.decode) == {"n1": UP, "n2": EMPTY}


def test_majority_coming() -> None:
    assert decide.majority_coming(ALL, {"n1": UP, "n2": FULL})
    assert not decide.majority_coming(ALL, {"n1": UP})
    assert not decide.majority_coming(ALL, {"n1": UP, "n2": IDLE, "n3": IDLE})
    assert not decide.majority_coming(ALL, {"n1": UP, "stranger": UP})
