"""docs/requirements.md covers every requirement once and names existing files."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import yaml
from rendered import CASES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "requirements.md").read_text()
EVIDENCE = set(re.findall(r"^\| (\w+) \| `tests/", PAGE, re.MULTILINE))


def rows() -> list[list[str]]:
    """Return the cells of every row about requirements."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines()]
    return [row for row in cells if row and re.match(r"(S\dR?|REF)-\d", row[0])]


def numbers(cell: str) -> list[str]:
    """Return the requirements in a cell like `S4-01, S4-03..05`."""
    found = []
    for item in cell.split(", "):
        match = re.fullmatch(r"(S\dR?|REF)-(\d+)(?:\.\.(\d+))?", item)
        assert match, item
        prefix, first, last = match.groups()
        found += [f"{prefix}-{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def test_requirements_appear_exactly_once() -> None:
    counts = yaml.safe_load((CASES / "requirements.yaml").read_text())
    every = {f"{prefix}-{number}" for prefix, count in counts.items() for number in range(1, count + 1)}
    found = Counter(number for row in rows() for number in numbers(row[0]))
    assert sorted(number for number, count in found.items() if count > 1) == []
    assert sorted(every - set(found)) == []
    assert sorted(set(found) - every) == []


def test_rows_name_a_place_and_known_evidence() -> None:
    assert len(EVIDENCE) > 8
    for row in rows():
        assert len(row) == 4, row
        _, requirement, where, evidence = row
        assert requirement, row
        assert where, row
        assert set(filter(None, evidence.split(", "))) <= EVIDENCE, row


def test_named_files_exist() -> None:
    named = re.findall(r"`((?:tests|pacemaker_os|docs|cib)/[^`]+)`", PAGE)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_named_service_definitions_exist() -> None:
    known = {path.stem.replace("_", "-") for path in (ROOT / "pacemaker_os/openstack/services").glob("*.py")}
    lists = re.findall(r"\b[Ss]ervices? ((?:`[^`]+`(?:, | and )?)+)", PAGE)
    named = {name for names in lists for name in re.findall(r"`([^`]+)`", names)}
    assert len(named) > 20
    assert named <= known, named - known
