"""Each feature in docs/instance-ha-measurements.md names existing tests, or says why there are none."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
PAGE = TESTS.parent / "docs/instance-ha-measurements.md"


def rows() -> list[list[str]]:
    """Return the rows of the table below 'Comparison with other projects'."""
    part = PAGE.read_text().partition("## Comparison with other projects")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_every_feature_names_a_test_or_a_reason() -> None:
    assert len(rows()) > 30
    for feature, *_, here, test in rows():
        assert test or here.startswith("no: "), f"{feature}: neither a test nor a reason"


def test_every_named_test_exists() -> None:
    files = list(TESTS.rglob("test_*.py"))
    names = {name for path in files for name in re.findall(r"def (test_\w+)", path.read_text())}
    names |= {path.stem for path in files}
    for feature, *_, test in rows():
        for name in re.findall(r"\btest_\w+", test):
            assert name in names, f"{feature}: unknown test {name}"
