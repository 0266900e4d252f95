"""Resources that stop before they are removed, and the configuration in the meantime."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.compare import compare
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.ordered_removal import stop_before_removal, with_removals_stopped
from pacemaker_os.plan.prediction.effects import Effect

DUMMY = "{agent: 'ocf:pacemaker:Dummy'}"
A, B, C = (f"  {name}: {DUMMY}\n" for name in "abc")
ALL = f"resources:\n{A}{B}{C}"
GROUP = f"resources:\n{A}  g: {{group: {{b: {DUMMY}, c: {DUMMY}}}}}\n"


def cib(text: str) -> etree._Element:
    """Return the <cib> of a document that owns all objects."""
    configuration = document.load(text).to_xml()
    keys = " ".join(
        each.key for each in compare(Cib.from_xml(EMPTY), document.load(text)) if not each.is_ownership
    )
    owned = (
        '<cluster_property_set id="pcs-os-owner"><nvpair id="pcs-os-owner.cluster" '
        f'name="pcs-os-owner.cluster" value="{keys}"/></cluster_property_set>'
    )
    text = configuration.replace("<crm_config/>", f"<crm_config>{owned}</crm_config>")
    return parse_cib(f'<cib epoch="1">{text}<status/></cib>')


EMPTY = "<configuration><crm_config/><nodes/><resources/><constraints/></configuration>"


def changes(live: etree._Element, text: str) -> tuple[ConfigChange, ...]:
    configuration = content.configuration(live)
    return compare(Cib.from_element(configuration), document.load(text), tree=configuration)


def stops(*names: str) -> list[Effect]:
    return [Effect("stop", name, name, "n1", "") for name in names]


@pytest.mark.parametrize(
    ("before", "after", "removed"),
    [
        (f"{ALL}order: [a then b]\n", f"resources:\n{C}", ("a", "b")),
        (f"{ALL}colocation: [a with b]\n", f"resources:\n{C}", ("a", "b")),
        (f"{ALL}order: [{{sets: [[a, b]]}}]\n", f"resources:\n{C}", ("a", "b")),
        (GROUP, f"resources:\n{A}", ("g",)),
        (ALL, f"resources:\n{C}", ()),
        (f"{ALL}order: [a then c]\n", f"resources:\n{C}", ()),
        (GROUP, f"{ALL}", ()),
    ],
    ids=["order", "colocation", "set", "group", "independent", "one stays", "moved out of the group"],
)
def test_dependent_resources_stop_before_removal(before: str, after: str, removed: tuple[str, ...]) -> None:
    live = cib(before)
    assert stop_before_removal(live, changes(live, after), stops("a", "b", "c", "g")) == removed


def test_stopped_resources_are_removed_directly() -> None:
    live = cib(f"{ALL}order: [a then b]\n")
    assert stop_before_removal(live, changes(live, f"resources:\n{C}"), ()) == ()


def test_unmanaged_resources_do_not_stop_before_removal() -> None:
    live = cib("resources:\n  g: {group: {a: {agent: 'systemd:a'}, b: {agent: 'systemd:b'}}}\n")
    found = changes(live, "resources: {}\n")
    assert stop_before_removal(live, found, stops("g")) == ("g",)
    assert stop_before_removal(live, found, stops("g"), {"g"}) == ()


def test_first_step_stops_resources_and_makes_other_changes() -> None:
    live = cib(f"{ALL}order: [a then b, c then a]\nlocation: [a on n1]\n")
    desired = f"resources:\n{C}  d: {DUMMY}\n"
    found = changes(live, desired)
    first = with_removals_stopped(live, found, ("a", "b"))
    names = [each.get("id") for each in first.iterfind("configuration/resources/*")]
    assert names == ["a", "b", "c", "d"]
    roles = {
        pair.getparent().getparent().get("id"): pair.get("value")
        for pair in first.iterfind(".//nvpair[@name='target-role']")
    }
    assert roles == {"a": "Stopped", "b": "Stopped"}
    # The order of the removed resources stays, other removed constraints do not.
    orders = [(each.get("first"), each.get("then")) for each in first.iter("rsc_order")]
    assert orders == [("a", "b")]
    last = planned(live, found)
    assert [each.get("id") for each in last.iterfind("configuration/resources/*")] == ["c", "d"]
    assert last.find(".//rsc_order") is None


def test_group_target_role_is_replaced_before_its_members() -> None:
    live = cib(GROUP)
    group = next(live.iter("group"))
    group.insert(0, etree.fromstring('<meta_attributes id="g-meta_attributes"/>'))
    group[0].append(etree.fromstring('<nvpair id="x" name="target-role" value="Started"/>'))
    first = with_removals_stopped(live, changes(live, f"resources:\n{A}"), ("g",))
    assert [pair.get("value") for pair in first.iter("nvpair") if pair.get("name") == "target-role"] == [
        "Stopped"
    ]
    assert next(first.iter("group"))[0].tag == "meta_attributes"
