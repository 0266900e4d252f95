"""From live and wanted to operations: the cases are in tests/cases/plan/compare.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.parse import parse_cib
from pacemaker_os.cib.xml import cib_from_element
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
        memory = f'<cluster_property_set id="pcs-os-owner">{pairs}</cluster_property_set>'
        sections["crm_config"] = sections.get("crm_config", "") + memory
    body = "".join(
        f"<{name}>{sections.pop(name, '')}</{name}>"
        for name in ("crm_config", "rsc_defaults", "nodes", "resources", "constraints")
    )
    assert not sections
    return parse_cib(f'<cib epoch="1"><configuration>{body}</configuration><status/></cib>')


def run(case: dict[str, Any], live: etree._Element) -> Comparison:
    desired = cib(case.get("desired"))
    return comparison(
        cib_from_element(live),
        cib_from_element(desired),
        owner="site",
        tree=content.configuration(live),
        options=PlanOptions(**case.get("options", {})),
    )


def line(operation: ConfigChange) -> str:
    changed = (detail.path for detail in operation.details if operation.action == "change")
    return " ".join([SIGNS[operation.action], operation.kind, operation.name, *changed])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    live = cib(case.get("live"), case.get("owned"))
    if problem := case.get("problem"):
        with pytest.raises(InputError, match=problem):
            run(case, live)
        return
    found = run(case, live)
    assert sorted(map(line, found.changes)) == sorted(case["changes"])
    for piece in case.get("new_contains", []):
        assert any(piece in (operation.new or "") for operation in found.changes)
    if "unowned" in case:
        assert list(found.unowned) == case["unowned"]
    if "adopted" in case:
        assert len(found.adopted) == case["adopted"]
    if "overrides" in case:
        assert len(found.overrides) == case["overrides"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if "problem" not in case], ids=lambda case: case["name"]
)
def test_done_once_there_is_nothing_left_to_do(case: dict[str, Any]) -> None:
    live = cib(case.get("live"), case.get("owned"))
    after = planned(live, run(case, live).changes)
    assert [line(operation) for operation in run(case, after).changes] == []


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("changes")], ids=lambda case: case["name"]
)
def test_reverse_takes_back(case: dict[str, Any]) -> None:
    live = cib(case.get("live"), case.get("owned"))
    operations = run(case, live).changes
    back = planned(planned(live, operations), [operation.reverse() for operation in reversed(operations)])
    before, after = (items(cib_from_element(each)) for each in (live, back))
    assert {key: item.meaning for key, item in after.items()} == {
        key: item.meaning for key, item in before.items()
    }


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("changes")], ids=lambda case: case["name"]
)
def test_operations_survive_json(case: dict[str, Any]) -> None:
    for operation in run(case, cib(case.get("live"), case.get("owned"))).changes:
        assert ConfigChange.from_json(operation.to_json()) == operation


def test_what_the_plan_does_not_touch_stays_byte_for_byte() -> None:
    odd = '<primitive type="Dummy" id="odd"  class="ocf" provider="pacemaker"><!-- mine --></primitive>'
    live = cib({"resources": odd})
    case = {"desired": {"resources": '<primitive id="a" class="ocf" provider="pacemaker" type="Dummy"/>'}}
    after = planned(live, run(case, live).changes)
    assert etree.tostring(live.find(".//primitive")) == etree.tostring(after.find(".//primitive[@id='odd']"))
