"""Random reshapings of resources with random operator overrides: no override is lost without being named."""

from __future__ import annotations

import json
import random
from copy import deepcopy

import pytest
from lxml import etree
from reshaped import (
    Parts,
    Step,
    arrange,
    content,
    located,
    meta_overrides,
    reshape,
    set_on_nodes,
    steps,
    unnamed,
)

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.overrides import read_overrides
from pacemaker_os.plan.diff.compare import Comparison, comparison
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.export import exportable

EMPTY = """
<cib><configuration><crm_config/><nodes>
<node id="1" uname="n1"/><node id="2" uname="n2"/><node id="3" uname="n3"/>
</nodes><resources/><constraints/></configuration><status/></cib>
"""


def document_of(parts: Parts) -> Cib:
    return document.load(json.dumps(content(parts)))


def override(cib: etree._Element, step: Step) -> None:
    """Do what `crm_resource`, `crm_attribute` and pcs do to the configuration."""
    if step.kind in ("ban", "prefer"):
        score = "-INFINITY" if step.kind == "ban" else "INFINITY"
        name = f"cli-{step.kind}-{step.resource}" + (f"-on-{step.node}" if step.kind == "ban" else "")
        constraint = {"id": name, "rsc": step.resource, "node": step.node, "score": score}
        etree.SubElement(cib.find("configuration/constraints"), "rsc_location", constraint)
    elif step.kind == "maintenance-mode":
        _set(cib.find("configuration/crm_config"), "cluster_property_set", step.kind, "true")
    elif step.node:
        node = cib.find(f"configuration/nodes/node[@uname='{step.node}']")
        _set(node, "instance_attributes", step.kind.removeprefix("node-"), "on")
    else:
        resource = cib.find(f"configuration/resources//*[@id='{step.resource}']")
        _set(resource, "meta_attributes", step.kind, step.value)


def _set(parent: etree._Element, tag: str, name: str, value: str) -> None:
    nvset, prefix = parent.find(tag), parent.get("id", "cib")
    if nvset is None:
        nvset = etree.Element(tag, id=f"{prefix}-{tag}")
        parent.insert(0, nvset)
    etree.SubElement(nvset, "nvpair", id=f"{prefix}-{name}", name=name, value=value)


def apply(live: etree._Element, desired: Cib) -> tuple[etree._Element, Comparison]:
    found = comparison(Cib.from_element(live), desired, owner="site", tree=live.find("configuration"))
    return planned(live, found.changes), found


@pytest.mark.parametrize("seed", range(150))
def test_overrides_survive_reshaping(seed: int) -> None:
    chance = random.Random(seed)
    parts = arrange(chance)
    live, _ = apply(etree.fromstring(EMPTY), document_of(parts))
    for step in steps(live, ["n1", "n2", "n3"], chance, count=4):
        override(live, step)
    desired = document_of(arrange(chance) if chance.random() < 0.5 else reshape(parts, chance)[1])
    after, found = apply(deepcopy(live), desired)
    names = {each.get("id") for each in after.iterfind("configuration/resources//primitive")}

    assert {each for each in meta_overrides(live) if each[0] in names} <= meta_overrides(after)
    assert not unnamed(located(live) - located(after), after, list(found.lost_overrides))
    assert set_on_nodes(live) == set_on_nodes(after)

    overrides = {each.description for each in read_overrides(Cib.from_element(after))}
    assert set(found.overrides) == overrides
    removed = {f"{each.kind} {each.name}" for each in found.changes if each.action == "remove"}
    assert not removed & set(found.overrides)
    assert not set(found.lost_overrides) & overrides
    assert len(found.overrides) == len(set(found.overrides))
    gone = {each.get("id") for each in live.iterfind("configuration/resources//primitive")} - names
    for description in (each.description for each in read_overrides(Cib.from_element(live))):
        mentions = any(f" {name} " in f"{description} " for name in gone)
        assert description in (*found.overrides, *found.lost_overrides) or not mentions

    _, again = apply(after, desired)
    assert again.changes == ()
    exported, _ = exportable(Cib.from_element(after))
    _, of_export = apply(after, exported)
    assert of_export.changes == ()
