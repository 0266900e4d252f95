"""Each feature in the table of docs/instance-ha.md names an existing test, or a reason why there is none."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs/instance-ha.md"


def rows() -> list[list[str]]:
    """Return the rows of the table below 'Beside the others'."""
    part = PAGE.read_text().partition("## Beside the others")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_every_feature_names_a_test_or_a_reason() -> None:
    assert len(rows()) > 30
    for feature, *_, here, test in rows():
        assert test or here.startswith("no: "), f"{feature}: neither a test nor a reason"


def test_every_named_test_exists() -> None:
    code = "\n".join(path.read_text() for path in HERE.parents[1].rglob("test_*.py"))
    names = re.findall(r"def test_(\w+)", code)
    for feature, *_, test in rows():
        for word in re.findall(r"\b[a-z]+(?:_[a-z]+){2,}", test):
            found = word.startswith("test_") or any(name.startswith(word) for name in names)
            assert found, f"{feature}: unknown test test_{word}"
