"""Random pairs of documents with common objects: no object changes its owner without a line in the plan."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cluster import Cluster, Target, connect
from pacemaker_os.cluster.planning.planner import Prepared, prepare, prepare_changes
from pacemaker_os.cluster.planning.saved_plan import prepare_saved
from pacemaker_os.errors import ClusterError, InputError
from pacemaker_os.plan.diff.compare import Comparison, PlanOptions
from pacemaker_os.plan.diff.item import items
from pacemaker_os.plan.diff.ownership import owned
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.pcs import pcs_lines
from pacemaker_os.render.plan.text import plan_lines

EMPTY = (
    '<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0" crm_feature_set="3.16.1">'
    '<configuration><crm_config/><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/>'
    '<node id="3" uname="n3"/></nodes><resources/><constraints/></configuration><status/></cib>'
)
DUMMY = {"agent": "ocf:pacemaker:Dummy"}

#: Objects by section and name, each with the forms that a document may give it.
OBJECTS: dict[str, dict[str, list[Any]]] = {
    "properties": {"batch-limit": ["10", "20"], "stonith-enabled": ["false"], "maintenance-mode": ["true"]},
    "resources": {
        "a": [DUMMY, {**DUMMY, "params": {"fake": "x"}}, {**DUMMY, "clone": {}}],
        "b": [DUMMY, {**DUMMY, "meta": {"target-role": "Stopped"}}],
        "c": [DUMMY],
        "g": [{"group": {"d": DUMMY, "e": DUMMY}}, {"group": {"d": DUMMY}}],
        "d": [DUMMY],
    },
    "order": {"a then b": [None], "b then c (optional)": [None]},
    "location": {"a on n1 (100)": [None], "c avoids n2": [None]},
    "colocation": {"b with c (50)": [None]},
    "tags": {"t": [["a", "b"], ["a"]]},
    "alerts": {"log": [{"path": "/usr/bin/true"}, {"path": "/usr/bin/false"}]},
    "acls": {"roles": [{"operator": {"permissions": [{"kind": "read", "xpath": "/cib"}]}}]},
    "defaults": {
        "resources": [{"resource-stickiness": "1"}, {"resource-stickiness": "2"}],
        "operations": [{"timeout": "30s"}],
    },
    "nodes": {"n1": [{"rack": "left"}, {"rack": "right"}], "n2": [{"rack": "left"}]},
}

#: Sections that are lists of lines.
LINES = ("order", "location", "colocation")

#: Resources that a line or a tag names.
NAMED = ("a", "b", "c", "d")


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return a document with some of the objects; its constraints name resources that it declares."""
    found: dict[str, Any] = {}
    for section, objects in OBJECTS.items():
        chosen = {
            name: draw(st.sampled_from(forms))
            for name, forms in objects.items()
            if draw(st.booleans()) and not (name == "d" and "g" in found.get("resources", {}))
        }
        if section == "resources" and "g" in chosen:
            chosen.pop("d", None)
        if section in LINES and chosen:
            found[section] = list(chosen)
        elif chosen:
            found[section] = chosen
    declared = {"a", "b", "c"} & set(found.get("resources", {}))
    for section in LINES:
        lines = [each for each in found.pop(section, []) if _named(each) <= declared]
        found |= {section: lines} if lines else {}
    tags = {name: tagged for name, tagged in found.pop("tags", {}).items() if set(tagged) <= declared}
    return found | ({"tags": tags} if tags else {})


def _named(line: str) -> set[str]:
    return set(line.split()) & set(NAMED)


options = st.builds(
    PlanOptions,
    adopt=st.booleans(),
    take_over=st.booleans(),
    authoritative=st.sampled_from([False, False, False, True]),
    new_nodes=st.just(value=False),
)


@dataclass
class Desk:
    """A CIB file to which documents are applied."""

    path: Path

    def plan(self, name: str, text: Mapping[str, Any], chosen: PlanOptions) -> Prepared | None:
        """Return the plan of a document, or None if it is refused."""
        desired = document.load(json.dumps({"name": name, **text}))
        try:
            return prepare(self.cluster(), desired, name=name, options=chosen)
        except (InputError, ClusterError):
            return None

    def cluster(self) -> Cluster:
        """Return the cluster without a scheduler: effects do not matter here."""
        return replace(connect(Target(cib_file=str(self.path))), scheduler=None)

    def write(self, cib: etree._Element) -> None:
        self.path.write_bytes(etree.tostring(cib))


def owners(cib: etree._Element) -> dict[str, frozenset[str]]:
    """Return the documents that own each object in a CIB."""
    live = Cib.from_element(content.configuration(cib))
    record = owned(live)
    return {key: frozenset(name for name, keys in record.items() if key in keys) for key in items(live)}


def check(prepared: Prepared, chosen: PlanOptions, desk: Desk) -> None:
    """Check that every change of an owner is in all forms of the plan, and that the options permit it."""
    plan = prepared.plan
    before, after = owners(prepared.start), owners(prepared.target)
    assert all(len(names) <= 1 for names in after.values())
    listed = {each.key: each for each in plan.ownership}
    text = "\n".join(each.plain for each in plan_lines(plan, 80))
    comments = "\n".join(pcs_lines(plan, prepared.start))
    for key in before.keys() & after.keys():
        old, new = before[key], after[key]
        if old == new:
            assert key not in listed
            continue
        change = listed[key]
        assert (frozenset({change.before} - {""}), frozenset({change.after} - {""})) == (old, new)
        assert plan.names.get(change.name, change.name) in text.partition("Changes of ownership")[2]
        assert f"{change.kind} {change.name} " in comments
        assert not plan.is_empty
        if old - {plan.document}:
            assert chosen.take_over
        if not old:
            assert chosen.adopt or chosen.take_over or plan.object_changes
    removed = {key for key in before.keys() - after.keys() if before[key] - {plan.document}}
    assert not removed or chosen.take_over
    assert removed <= set(listed)
    if not plan.is_empty:
        assert "No changes" not in text
    assert Plan.loads(plan.dumps()) == plan
    saved = prepare_saved(desk.cluster(), Plan.loads(plan.dumps()))
    assert saved.plan.ownership == plan.ownership


@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.lists(documents(), min_size=2, max_size=2), st.lists(options, min_size=5, max_size=5), st.data())
def test_no_owner_changes_without_a_line(
    pair: list[dict[str, Any]], chosen: list[PlanOptions], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        desk = Desk(Path(directory) / "cib.xml")
        desk.path.write_text(EMPTY)
        unowned = desk.plan("nobody", data.draw(documents()), PlanOptions())
        assert unowned is not None
        desk.write(unowned.target)
        for record in (cib := etree.fromstring(desk.path.read_bytes())).findall(".//*[@id='pcs-os-owner']"):
            record.getparent().remove(record)
        desk.write(cib)
        # Each document in turn, then the second one under the name of the first one, and under a new one.
        turns = [("one", pair[0]), ("two", pair[1]), ("one", pair[0]), ("one", pair[1]), ("three", pair[0])]
        for (name, text), with_options in zip(turns, chosen, strict=True):
            prepared = desk.plan(name, text, with_options)
            if prepared is None:
                continue
            check(prepared, with_options, desk)
            back = [change.reverse() for change in reversed(prepared.plan.changes)]
            desk.write(prepared.target)
            again = desk.plan(name, text, with_options)
            assert again is not None
            assert again.plan.is_empty
            check_reversal(desk, back, name, prepared)


def check_reversal(desk: Desk, back: list[Any], name: str, prepared: Prepared) -> None:
    """Check that the plan of a rollback lists the former owners as well."""
    found = prepare_changes(desk.cluster(), Comparison(changes=tuple(back)), name=name)
    before, after = owners(found.start), owners(found.target)
    moved = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert moved <= {each.key for each in found.plan.ownership}
    assert {key: names for key, names in after.items() if names} == {
        key: names for key, names in owners(prepared.start).items() if names
    }
