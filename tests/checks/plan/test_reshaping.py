"""Random reshapings of resources with random operator overrides: no override is lost without being named."""

from __future__ import annotations

import random
from copy import deepcopy

import pytest
from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.overrides import read_overrides
from pacemaker_os.plan.diff.compare import Comparison, comparison
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.export import exportable

NAMES = "abcdef"
META = [("target-role", "Stopped"), ("is-managed", "false"), ("maintenance", "true")]


def primitive(name: str, chance: random.Random) -> str:
    renamed = f"{name}2" if chance.random() < 0.1 else name
    return f'<primitive id="{renamed}" class="ocf" provider="heartbeat" type="Dummy"/>'


def document(chance: random.Random) -> Cib:
    """Return a document of six primitives, alone or in groups, some of them cloned."""
    names, parts = list(NAMES), []
    chance.shuffle(names)
    while names:
        size = chance.choice([1, 1, 1, 2, 3])
        members = "".join(primitive(name, chance) for name in names[:size])
        del names[:size]
        if size > 1 or chance.random() < 0.2:
            members = f'<group id="g{chance.randrange(3)}{len(names)}">{members}</group>'
        parts.append(f"<clone>{members}</clone>" if chance.random() < 0.4 else members)
    nodes = "".join(f'<node id="{number}" uname="n{number}"/>' for number in (1, 2, 3))
    return Cib.from_xml(
        f"<configuration><crm_config/><nodes>{nodes}</nodes><resources>{''.join(parts)}</resources>"
        "<constraints/></configuration>"
    )


def override(cib: etree._Element, chance: random.Random) -> None:
    """Do what `crm_resource --meta` and `crm_resource --ban` do to some resources."""
    resources = [each for each in cib.iterfind("configuration/resources//*") if each.tag in _TAGS]
    for resource in chance.sample(resources, min(4, len(resources))):
        name = resource.get("id")
        if chance.random() < 0.3:
            constraints = cib.find("configuration/constraints")
            ban = {"id": f"cli-ban-{name}-on-n1", "rsc": name, "node": "n1", "score": "-INFINITY"}
            etree.SubElement(constraints, "rsc_location", ban)
            continue
        nvset = resource.find("meta_attributes")
        if nvset is None:
            nvset = etree.Element("meta_attributes", id=f"{name}-meta_attributes")
            resource.insert(0, nvset)
        key, value = chance.choice(META)
        etree.SubElement(nvset, "nvpair", id=f"{name}-{key}", name=key, value=value)


_TAGS = ("primitive", "group", "clone")


def apply(live: etree._Element, desired: Cib) -> tuple[etree._Element, Comparison]:
    found = comparison(Cib.from_element(live), desired, owner="site", tree=live.find("configuration"))
    return planned(live, found.changes), found


def effective(cib: etree._Element) -> set[tuple[str, str, str]]:
    """Return the primitive, the name and the value of each override, with those of groups and clones."""
    found: dict[tuple[str, str], str] = {}
    for each in cib.iterfind("configuration/resources//primitive"):
        for around in (each, *each.iterancestors()):
            for pair in around.iterfind("meta_attributes/nvpair"):
                found.setdefault((each.get("id"), pair.get("name")), pair.get("value"))
    return {(*key, value) for key, value in found.items()}


def banned(cib: etree._Element) -> set[str]:
    """Return the primitives that a ban affects."""
    resources = {each.get("id"): each for each in cib.iterfind("configuration/resources//*[@id]")}
    bans = [each.get("rsc") for each in cib.iterfind("configuration/constraints/rsc_location")]
    return {primitive.get("id") for name in bans for primitive in resources[name].iter("primitive")}


@pytest.mark.parametrize("seed", range(150))
def test_overrides_survive_reshaping(seed: int) -> None:
    chance = random.Random(seed)
    empty = etree.fromstring(
        "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>"
    )
    live, _ = apply(empty, document(chance))
    override(live, chance)
    desired = document(chance)
    after, found = apply(deepcopy(live), desired)
    names = {each.get("id") for each in after.iterfind("configuration/resources//primitive")}

    remaining = {each for each in effective(live) if each[0] in names}
    assert remaining <= effective(after)
    assert banned(live) & names <= banned(after)

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
