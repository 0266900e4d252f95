"""Small text tools: node ranges, shortened lists and suggestions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacemaker_os.document.forms.nodes import expand
from pacemaker_os.text import abbreviate, closest, did_you_mean, fold, is_successor, node_range


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("controller01 controller02 controller03", "controller0[1-3]"),
        ("controller1-vm controller2-vm", "controller[1-2]-vm"),
        ("n9 n10 n11", "n1[0-1] n9"),
        ("n1 n3", "n1 n3"),
        ("alpha n1 n2", "alpha n[1-2]"),
        ("", ""),
        ("n1 n1", "n1"),
    ],
)
def test_fold_joins_consecutive_numbers(names: str, expected: str) -> None:
    assert fold(names.split()) == expected


@given(st.sets(st.from_regex(r"[a-z]{1,3}[0-9]{1,3}(-[a-z]{1,2})?", fullmatch=True), max_size=12))
def test_fold_is_reversed_by_expand(names: set[str]) -> None:
    unfolded = [name for word in fold(names).split() for name in expand(word)]
    assert sorted(unfolded) == sorted(names)


@pytest.mark.parametrize(
    ("name", "previous", "expected"),
    [
        ("n02", "n01", True),
        ("n2-vm", "n1-vm", True),
        ("n10", "n9", False),
        ("n3", "n1", False),
        ("m2", "n1", False),
        ("beta", "alpha", False),
    ],
)
def test_is_successor(name: str, previous: str, expected: bool) -> None:
    assert is_successor(name, previous) is expected


def test_node_range_keeps_common_digits_outside() -> None:
    assert node_range("compute01-a", "compute09-a") == "compute0[1-9]-a"


def test_node_range_without_number_raises() -> None:
    with pytest.raises(ValueError, match="alpha"):
        node_range("alpha", "n1")


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c", "d"], "a, b and 2 more")],
)
def test_abbreviate_counts_the_rest(names: list[str], expected: str) -> None:
    assert abbreviate(names, 2) == expected


def test_abbreviate_uses_separator() -> None:
    assert abbreviate(["a", "b", "c"], 2, "; ") == "a; b and 1 more"


def test_did_you_mean_suggests_closest_name() -> None:
    assert did_you_mean("parms", ["clone", "params", ""]) == "; did you mean 'params'?"


def test_did_you_mean_without_similar_name_is_empty() -> None:
    assert did_you_mean("vip", ["cinder-volume", "galera"]) == ""


def test_closest_honors_cutoff() -> None:
    assert closest("ipp", ["ip"]) == "ip"
    assert closest("ipp", ["ip"], cutoff=0.9) is None
