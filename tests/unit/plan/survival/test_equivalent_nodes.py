"""Equivalent remote nodes, and a configuration with only their representatives."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.plan.survival.equivalent_nodes import EquivalentNodes, collapse_equivalent

REMOTE = (
    '<primitive id="{0}" class="ocf" provider="pacemaker" type="remote">'
    '<instance_attributes id="{0}-ia"><nvpair id="{0}-ia-server" name="server" value="10.0.0.{1}"/>'
    '</instance_attributes><meta_attributes id="{0}-meta">{2}</meta_attributes></primitive>'
)
POWER = (
    '<primitive id="power-{0}" class="stonith" type="fence_ipmilan"><instance_attributes id="power-{0}-ia">'
    '<nvpair id="power-{0}-hosts" name="pcmk_host_list" value="{0}"/></instance_attributes></primitive>'
)
NODE = (
    '<node id="{0}" uname="{0}" type="remote"><instance_attributes id="nodes-{0}">'
    '<nvpair id="nodes-{0}-osprole" name="osprole" value="{1}"/></instance_attributes></node>'
)
LEVEL = '<fencing-level id="fl-{0}" target="{0}" index="1" devices="power-{0},fence-nova"/>'
NAMES = tuple(f"compute{number}" for number in range(1, 13))


def cib(constraints: str = "", *, odd: str = "", role: str = "compute", meta: str = "") -> etree._Element:
    """Return a CIB with 12 compute nodes, of which `odd` has another `role` or `meta` attribute."""
    nodes = "".join(NODE.format(name, role if name == odd else "compute") for name in NAMES)
    remotes = "".join(
        REMOTE.format(name, n, meta if name == odd else "") + POWER.format(name)
        for n, name in enumerate(NAMES)
    )
    levels = "".join(map(LEVEL.format, NAMES))
    refs = "".join(f'<resource_ref id="{name}"/>' for name in NAMES)
    return etree.fromstring(
        f'<cib><configuration><crm_config/><nodes><node id="1" uname="c1"/>{nodes}</nodes>'
        f'<resources>{remotes}<primitive id="fence-nova" class="stonith" type="fence_nova"/></resources>'
        f'<constraints><rsc_location id="here"><resource_set id="s">{refs}</resource_set></rsc_location>'
        f"{constraints}</constraints><fencing-topology>{levels}</fencing-topology></configuration></cib>"
    )


def test_equivalent_nodes_are_collapsed_to_representatives() -> None:
    whole = cib()
    before = etree.tostring(whole)
    remaining, equivalent = collapse_equivalent(whole, 2)
    assert equivalent == (EquivalentNodes(NAMES[:2], NAMES[2:]),)
    assert etree.tostring(whole) == before
    text = etree.tostring(remaining, encoding="unicode")
    # compute1 must not match in compute10.
    assert [name for name in NAMES if f'"{name}"' in text] == list(NAMES[:2])
    assert [each.get("id") for each in remaining.iter("primitive")] == [
        "compute1",
        "power-compute1",
        "compute2",
        "power-compute2",
        "fence-nova",
    ]
    assert [each.get("target") for each in remaining.iter("fencing-level")] == list(NAMES[:2])


def test_few_equivalent_nodes_all_stay() -> None:
    whole = cib()
    remaining, equivalent = collapse_equivalent(whole, 12)
    assert remaining is whole
    assert equivalent == (EquivalentNodes(NAMES, ()),)


def assert_differs(**more: str) -> None:
    _, equivalent = collapse_equivalent(cib(**more), 2)
    assert "compute5" not in {name for each in equivalent for name in (*each.representatives, *each.others)}
    assert sum(len(each.representatives) + len(each.others) for each in equivalent) == 11


def test_node_with_other_attribute_or_connection_is_not_equivalent() -> None:
    assert_differs(odd="compute5", role="storage")
    assert_differs(odd="compute5", meta='<nvpair id="x" name="priority" value="9"/>')


@pytest.mark.parametrize(
    "constraint",
    [
        '<rsc_location id="l" rsc="vm" node="compute5" score="100"/>',
        '<rsc_location id="l" rsc="compute5" node="c1" score="100"/>',
        '<rsc_order id="o" first="compute5" then="vm"/>',
        '<rsc_colocation id="c"><resource_set id="t" sequential="false"><resource_ref id="compute5"/>'
        "</resource_set></rsc_colocation>",
        '<rsc_location id="l" rsc="vm"><rule id="r" score="9"><expression id="e" attribute="#uname"'
        ' operation="eq" value="compute5"/></rule></rsc_location>',
        '<rsc_location id="l" rsc="power-compute5" node="c1" score="100"/>',
    ],
)
def test_node_with_own_constraint_is_not_equivalent(constraint: str) -> None:
    assert_differs(constraints=constraint)


def test_members_of_a_sequence_are_not_equivalent() -> None:
    refs = "".join(f'<resource_ref id="{name}"/>' for name in NAMES)
    _, equivalent = collapse_equivalent(
        cib(f'<rsc_order id="o"><resource_set id="t">{refs}</resource_set></rsc_order>'), 2
    )
    assert equivalent == ()


def test_nodes_with_a_similar_constraint_each_are_equivalent() -> None:
    each = "".join(f'<rsc_location id="l-{n}" rsc="power-{n}" node="{n}" score="-INFINITY"/>' for n in NAMES)
    remaining, equivalent = collapse_equivalent(cib(each), 2)
    assert equivalent == (EquivalentNodes(NAMES[:2], NAMES[2:]),)
    assert [found.get("id") for found in remaining.iter("rsc_location")] == [
        "here",
        "l-compute1",
        "l-compute2",
    ]
