"""One-line forms: constraints and rules."""

from __future__ import annotations

import pytest

from pacemaker_os.document.oneline.constraint import EXAMPLES, format_constraint, parse_constraint
from pacemaker_os.document.oneline.lexer import LineError, quote
from pacemaker_os.document.oneline.rule import format_rule, parse_rule


@pytest.mark.parametrize(
    ("section", "line"),
    [
        *EXAMPLES.items(),
        ("order", "promote a then start b (serialize, symmetrical=false)"),
        ("order", "{a, b} then start [c, d] (100)"),
        ("order", "[a] then [b]"),
        ("order", '"then" then b'),
        ("colocation", "Started a with Promoted b (-20, influence=false)"),
        ("location", "a avoids node1 (discovery=never)"),
        ("location", "a on node1 (-20)"),
        ("tickets", "Promoted a needs ticket1"),
    ],
)
def test_format_constraint_reverses_parse_constraint(section: str, line: str) -> None:
    keys = parse_constraint(section, line)
    if section == "colocation":
        keys.setdefault("score", "INFINITY")
    assert format_constraint(section, dict(keys)) == line


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("order", {"first": "a", "then": "b", "unknown": {}}),
        ("order", {"sets": [{"resources": ["a"], "role": "Promoted"}]}),
        ("colocation", {"sets": [["a", "b"]], "score": "INFINITY"}),
        ("location", {"resource": "a", "rules": ["role eq x"]}),
        ("tickets", {"sets": [["a"]], "ticket": "t"}),
    ],
)
def test_format_constraint_without_one_line_form_returns_none(section: str, keys: dict[str, object]) -> None:
    assert format_constraint(section, keys) is None


@pytest.mark.parametrize(
    "line",
    [
        "osprole eq controller and (cpu gt integer 4 or defined gpu)",
        "date gt 2026-01-01 or date in_range 2026-01-01 to duration months=2",
        "date-spec hours=9-17 weekdays=1-5",
        "resource ocf::Dummy and op start interval=10s",
        'name eq "two words"',
    ],
)
def test_format_rule_reverses_parse_rule(line: str) -> None:
    assert format_rule(parse_rule(line, None)) == line


def test_parse_rule_names_position_and_suggestion() -> None:
    with pytest.raises(
        LineError, match=r"expected a comparison .*, not 'eqq' \(character 6\); did you mean 'eq'\?"
    ):
        parse_rule("role eqq x", None)


@pytest.mark.parametrize(
    ("word", "expected"), [("a.b-c", "a.b-c"), ("", '""'), ("a b", '"a b"'), ('say "x"', "'say \"x\"'")]
)
def test_quote_adds_quotes_only_where_necessary(word: str, expected: str) -> None:
    assert quote(word) == expected


def test_parse_constraint_accepts_roles_in_any_case() -> None:
    assert parse_constraint("location", "promoted st on n1")["role"] == "Promoted"
    assert parse_constraint("colocation", "a with MASTER st")["with-role"] == "Master"
    assert parse_constraint("location", "promoted on n1")["resource"] == "promoted"
