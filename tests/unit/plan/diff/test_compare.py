"""The comparison of the live with the desired configuration. Cases: tests/cases/plan/compare.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.compare import Comparison, PlanOptions, comparison
from pacemaker_os.plan.diff.item import items
from pacemaker_os.plan.diff.planned import planned

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases/plan/compare.yaml").read_text())
SIGNS = {"add": "+", "change": "~", "remove": "-"}


def cib(sections: dict[str, str] | None, owned: dict[str, str] | None = None) -> etree._Element:
    sections = dict(sections or {})
    if owned:
        pairs = "".join(
            f'<nvpair id="pcs-os-owner.{name}" name="pcs-os-owner.{name}" value="{keys}"/>'
            for name, keys in owned.items()
        )
        record = f'<cluster_property_set id="pcs-os-owner">{pairs}</cluster_property_set>'
        sections["crm_config"] = sections.get("crm_config", "") + record
    body = "".join(
        f"<{name}>{sections.pop(name, '')}</{name}>"
        for name in ("crm_config", "rsc_defaults", "op_defaults", "nodes", "resources", "constraints")
    )
    assert not sections
    return parse_cib(f'<cib epoch="1"><configuration>{body}</configuration><status/></cib>')


def run(case: dict[str, Any], live: etree._Element) -> Comparison:
    desired = cib(case.get("desired"))
    return comparison(
        Cib.from_element(live),
        Cib.from_element(desired),
        owner="site",
        tree=content.configuration(live),
        options=PlanOptions(**case.get("options", {})),
    )


def line(change: ConfigChange) -> str:
    paths = (detail.path for detail in change.details if change.action == "change")
    return " ".join([SIGNS[change.action], change.kind, change.name, *paths])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_comparison_returns_expected_changes(case: dict[str, Any]) -> None:
    live = cib(case.get("live"), case.get("owned"))
    if problem := case.get("problem"):
        with pytest.raises(InputError, match=problem):
            run(case, live)
        return
    found = run(case, live)
    assert sorted(map(line, found.changes)) == sorted(case["changes"])
    for piece in case.get("new_contains", []):
        assert any(piece in (change.new or "") for change in found.changes)
    if "unowned" in case:
        assert list(found.unowned) == case["unowned"]
    if "adopted" in case:
        assert len(found.adopted) == case["adopted"]
    if "overrides" in case:
        assert len(found.overrides) == case["overrides"]
    assert list(found.lost_overrides) == case.get("lost", list(found.lost_overrides))


@pytest.mark.parametrize(
    "case", [case for case in CASES if "problem" not in case], ids=lambda case: case["name"]
)
def test_comparison_after_changes_finds_none(case: dict[str, Any]) -> None:
    live = cib(case.get("live"), case.get("owned"))
    after = planned(live, run(case, live).changes)
    assert [line(change) for change in run(case, after).changes] == []


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("changes")], ids=lambda case: case["name"]
)
def test_reversed_changes_restore_the_configuration(case: dict[str, Any]) -> None:
    live = cib(case.get("live"), case.get("owned"))
    changes = run(case, live).changes
    back = planned(planned(live, changes), [change.reverse() for change in reversed(changes)])
    before, after = (items(Cib.from_element(each)) for each in (live, back))
    assert {key: item.meaning for key, item in after.items()} == {
        key: item.meaning for key, item in before.items()
    }


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("changes")], ids=lambda case: case["name"]
)
def test_changes_json_round_trip_preserves_them(case: dict[str, Any]) -> None:
    for change in run(case, cib(case.get("live"), case.get("owned"))).changes:
        assert ConfigChange.from_json(change.to_json()) == change


def test_unchanged_elements_keep_their_exact_xml() -> None:
    odd = '<primitive type="Dummy" id="odd"  class="ocf" provider="pacemaker"><!-- mine --></primitive>'
    live = cib({"resources": odd})
    case = {"desired": {"resources": '<primitive id="a" class="ocf" provider="pacemaker" type="Dummy"/>'}}
    after = planned(live, run(case, live).changes)
    assert etree.tostring(live.find(".//primitive")) == etree.tostring(after.find(".//primitive[@id='odd']"))
