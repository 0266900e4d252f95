"""The ownership record, with unusual names of documents and objects."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.compare import comparison
from pacemaker_os.plan.diff.ownership import owned
from pacemaker_os.plan.diff.ownership_changes import owner_entries
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.export import exportable

EMPTY = "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>"
DESIRED = (
    "<configuration><resources>"
    '<primitive id="a" class="ocf" provider="pacemaker" type="Dummy"/></resources>'
    '<acls><acl_target id="night shift, 100%"/></acls></configuration>'
)


def applied(live: etree._Element, owner: str, desired: str = DESIRED) -> etree._Element:
    found = comparison(
        Cib.from_element(live),
        Cib.from_xml(desired),
        owner=owner,
        tree=content.configuration(live),
    )
    return planned(live, found.changes)


@pytest.mark.parametrize("owner", ["site", "my site: ü", "1st", "a/b", "名前", "."])
def test_ownership_of_any_document_name_is_recorded(owner: str) -> None:
    after = applied(parse_cib(EMPTY), owner)
    assert owned(Cib.from_element(after)) == {
        owner: frozenset({"primitive:a", "acl_target:night shift, 100%"})
    }
    assert content.same(applied(after, owner), after)


def test_document_names_with_the_same_id_have_separate_records() -> None:
    other = DESIRED.replace('"a"', '"b"').replace("night shift", "day shift")
    after = applied(applied(parse_cib(EMPTY), "a b"), "a/b", other)
    assert set(owned(Cib.from_element(after))) == {"a b", "a/b"}
    ids = [element.get("id") for element in after.iter("nvpair")]
    assert len(set(ids)) == len(ids)


def test_record_of_document_without_objects_is_removed() -> None:
    after = applied(applied(parse_cib(EMPTY), "site"), "site", "<configuration/>")
    assert owned(Cib.from_element(after)) == {}


def test_property_in_the_set_of_the_record_is_a_property() -> None:
    """pcs writes properties to the first set, which is that of the record if a CIB file has no other."""
    pairs = (
        '<nvpair id="r" name="pcs-os-owner.site" value="property:batch-limit"/>'
        '<nvpair id="m" name="maintenance-mode" value="true"/>'
        '<nvpair id="q" name="no-quorum-policy" value="stop"/>'
    )
    sets = f'<cluster_property_set id="pcs-os-owner">{pairs}</cluster_property_set>'
    live = Cib.from_xml(
        f"<configuration><crm_config>{sets}</crm_config><nodes/><resources/><constraints/></configuration>"
    )
    found = comparison(live, document.load("properties: {batch-limit: 3}"), owner="site")
    assert found.overrides == ("property maintenance-mode true",)
    assert found.unowned == ("property:no-quorum-policy",)
    assert found.owned_by_others == {}
    exported, _ = exportable(live)
    (nvset,) = exported.property_sets
    assert [pair.name for pair in nvset.nvpairs] == ["no-quorum-policy"]


def pair(name: str, *keys: str) -> str:
    return f'<nvpair id="{name}" name="pcs-os-owner.{name}" value="{" ".join(keys)}"/>'


def record(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> ConfigChange:
    return ConfigChange(
        key=f"ownership:{name}",
        kind="ownership",
        name=name,
        parent_path=(("crm_config", ()),),
        old=pair(name, *old) if old else None,
        new=pair(name, *new) if new else None,
    )


def test_history_counts_objects_that_change_their_owner() -> None:
    changes = [
        record("one", ("primitive:a", "primitive:b", "override:b:target-role"), ()),
        record("two", ("primitive:c",), ("primitive:a", "primitive:b", "primitive:c")),
        record("three", ("primitive:d",), ("override:d:is-managed", "primitive:d")),
    ]
    assert list(owner_entries(changes)) == ["document one: 2 fewer objects", "document two: 2 more objects"]


def test_history_does_not_count_added_and_removed_objects() -> None:
    live = parse_cib(EMPTY)
    found = comparison(Cib.from_element(live), Cib.from_xml(DESIRED), owner="site")
    assert list(owner_entries(found.changes)) == []
