"""The language of messages, documentation, comments and names: the word list of tests/language.py."""

from __future__ import annotations

from pathlib import Path

import language
import pytest


def area_of(path: Path) -> str:
    """Return the area of a file: the directory of the package, or the top-level directory or file."""
    package = path.parts[0] == "pacemaker_os" and len(path.parts) > 2
    return path.parts[1] if package else path.parts[0]


AREAS = sorted({area_of(path) for path in language.files()})


@pytest.mark.parametrize("area", AREAS)
def test_texts_and_names_avoid_retired_expressions(area: str) -> None:
    paths = [path for path in language.files() if area_of(path) == area]
    hits = [str(hit) for path in paths for hit in language.find_hits(path)]
    assert not hits, "\n" + "\n".join(hits)


def test_exemptions_are_few_and_have_reasons() -> None:
    markers = language.markers()
    assert [marker for marker in markers if not marker[2]] == []
    assert len(markers) <= 15, markers


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(language, "ROOT", tmp_path)
    return tmp_path


def hits_in(tree: Path, name: str, text: str) -> list[tuple[int, str]]:
    (tree / name).write_text(text)
    return [(hit.line, hit.match) for hit in language.find_hits(Path(name))]


def test_find_hits_python_sees_strings_docstrings_comments_and_names(tree: Path) -> None:
    program = (
        '"""Tell\n\nwhat becomes of it."""\n'
        "told = 'x shall'  # is\n"
        "# told\n"
        "text = f'there is no node {told}'\n"
        "key = 'shall'\n"
    )
    assert hits_in(tree, "one.py", program) == [
        (3, "what becomes of"),
        (4, "shall"),
        (4, "is told"),
        (4, "told"),
        (6, "there is no node {"),
    ]


def test_find_hits_markdown_skips_fenced_code(tree: Path) -> None:
    page = "It is\nasked.\n\n```\nit shall\n```\n\n| at once |\n"
    assert hits_in(tree, "page.md", page) == [(1, "is asked"), (8, "at once")]


def test_find_hits_marked_line_is_exempt(tree: Path) -> None:
    assert hits_in(tree, "one.py", "text = 'it shall'  # language: ok Pacemaker's own message\n") == []
    assert hits_in(tree, "page.md", "A folder. <!-- language: ok name of an option -->\n") == []


def test_find_hits_line_in_adjacent_literals_is_exact(tree: Path) -> None:
    assert hits_in(tree, "one.py", "text = (\n    'one of '\n    'these at once'\n)\n") == [(3, "at once")]
