"""docs/requirements.md says something of every requirement, once, and names what there is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import yaml
from rendered import CASES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "requirements.md").read_text()
PROOFS = set(re.findall(r"^\| (\w+) \| `tests/", PAGE, re.MULTILINE))


def rows() -> list[list[str]]:
    """The cells of every row that is about numbers."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines()]
    return [row for row in cells if row and re.match(r"(S\dR?|REF)-\d", row[0])]


def numbers(cell: str) -> list[str]:
    """The numbers of a cell: S4-01, S4-03..05."""
    found = []
    for word in cell.split(", "):
        match = re.fullmatch(r"(S\dR?|REF)-(\d+)(?:\.\.(\d+))?", word)
        assert match, word
        prefix, first, last = match.groups()
        found += [f"{prefix}-{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def test_every_number_is_there_once() -> None:
    wanted = yaml.safe_load((CASES / "requirements.yaml").read_text())
    every = {f"{prefix}-{number}" for prefix, count in wanted.items() for number in range(1, count + 1)}
    found = Counter(number for row in rows() for number in numbers(row[0]))
    assert sorted(number for number, count in found.items() if count > 1) == []
    assert sorted(every - set(found)) == []
    assert sorted(set(found) - every) == []


def test_every_row_says_where_and_names_proofs_that_there_are() -> None:
    assert len(PROOFS) > 8
    for row in rows():
        assert len(row) == 4, row
        _, what, where, proof = row
        assert what, row
        assert where, row
        assert set(filter(None, proof.split(", "))) <= PROOFS, row


def test_what_is_named_exists() -> None:
    named = re.findall(r"`((?:tests|pacemaker_os|docs|cib)/[^`]+)`", PAGE)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_pages_that_are_named_exist() -> None:
    pages = {path.stem.replace("_", "-") for path in (ROOT / "pacemaker_os/openstack/services").glob("*.py")}
    named = re.findall(r"pages? ([a-z][a-z-]+)", PAGE)
    unknown = {name for name in named if name not in pages}
    assert unknown <= {"and", "says", "is", "sets"}, unknown
