"""Names of nodes made short, and read again by documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacemaker_os.cluster.state.fold import fold
from pacemaker_os.document.forms.nodes import expand


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
def test_fold(names: str, expected: str) -> None:
    assert fold(names.split()) == expected


@given(st.sets(st.from_regex(r"[a-z]{1,3}[0-9]{1,3}(-[a-z]{1,2})?", fullmatch=True), max_size=12))
def test_what_is_folded_is_what_documents_unfold(names: set[str]) -> None:
    unfolded = [name for word in fold(names).split() for name in expand(word)]
    assert sorted(unfolded) == sorted(names)
