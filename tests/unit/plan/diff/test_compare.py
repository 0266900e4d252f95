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
from pacemaker_os.plan.diff.ownership import owned
from pacemaker_os.plan.diff.ownership_changes import OwnershipChange, ownership_changes
from pacemaker_os.plan.diff.planned import planned

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases/plan/compare.yaml").read_text())
SIGNS = {"add": "+", "change": "~", "remove": "-"}
SECTIONS = (
    *("crm_config", "rsc_defaults", "op_defaults", "nodes", "resources", "constraints"),
    *("acls", "tags", "alerts", "fencing-topology"),
)


def cib(sections: dict[str, str] | None, owned: dict[str, str] | None = None) -> etree._Element:
    sections = dict(sections or {})
    if owned:
        pairs = "".join(
            f'<nvpair id="pcs-os-owner.{name}" name="pcs-os-owner.{name}" value="{keys}"/>'
            for name, keys in owned.items()
        )
        record = f'<cluster_property_set id="pcs-os-owner">{pairs}</cluster_property_set>'
        sections["crm_config"] = sections.get("crm_config", "") + record
    body = "".join(f"<{name}>{sections.pop(name, '')}</{name}>" for name in SECTIONS)
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


def owner_line(change: OwnershipChange) -> str:
    """Return the action, the object, and the documents that it leaves and reaches, without `site`."""
    before = f" from {change.before}" if change.before else ""
    after = f" to {change.after}" if change.after not in ("", "site") else ""
    return f"{change.action} {change.kind} {change.name}{before}{after}"


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
    if "owned_elsewhere" in case:
        assert {name: list(keys) for name, keys in found.owned_elsewhere.items()} == case["owned_elsewhere"]
    if "ownership" in case:
        lines = ownership_changes(content.configuration(live), found.changes, "site")
        assert sorted(map(owner_line, lines)) == sorted(case["ownership"])
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


def owners(cib: etree._Element) -> dict[str, set[str]]:
    """Return the documents that own each object in the cluster."""
    of, live = owned(Cib.from_element(cib)), items(Cib.from_element(cib))
    return {key: {name for name, keys in of.items() if key in keys} for key in live}


@pytest.mark.parametrize(
    "case", [case for case in CASES if "problem" not in case], ids=lambda case: case["name"]
)
def test_every_change_of_an_owner_is_listed(case: dict[str, Any]) -> None:
    live = cib(case.get("live"), case.get("owned"))
    changes = run(case, live).changes
    back = [change.reverse() for change in reversed(changes)]
    for start, made in ((live, changes), (planned(live, changes), back)):
        before, after = owners(start), owners(planned(start, made))
        moved = {key for key in before.keys() & after.keys() if before[key] != after[key]}
        lines = ownership_changes(content.configuration(start), made, "site")
        assert moved <= {each.key for each in lines}
        assert all(len(names) < 2 for names in after.values())
        assert [OwnershipChange.from_json(each.to_json()) for each in lines] == list(lines)


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
