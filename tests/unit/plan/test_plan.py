"""Saved plans: round trip and rejection of other content."""

from __future__ import annotations

import json

import pytest

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.errors import InputError
from pacemaker_os.plan.plan import FORMAT, Plan

PLAN = Plan(document="site", cluster="c", base=Version(0, 1, 0), digest="d", target={"ssh": "n1"})


def test_loads_saved_plan_returns_equal_plan() -> None:
    assert Plan.loads(PLAN.dumps()) == PLAN


def test_loads_plan_of_former_format_tells_how_to_create_a_new_one() -> None:
    saved = {**PLAN.to_json(), "format": FORMAT - 1}
    message = "its format is 2, and this pcs-os reads format 3; create a new plan with 'pcs-os plan -o FILE'"
    with pytest.raises(InputError, match=message):
        Plan.loads(json.dumps(saved), file="p.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", f'{{"format": {FORMAT}}}', "[" * 100_000])
def test_loads_other_content_is_rejected(text: str) -> None:
    with pytest.raises(InputError, match="not a saved plan: "):
        Plan.loads(text)
