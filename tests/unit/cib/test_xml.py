"""Reading and writing XML: unknown parts are preserved, missing ids are generated."""

from __future__ import annotations

import pytest

from pacemaker_os.cib import Cib
from pacemaker_os.cib.nvsets import InstanceAttributes, NvPair, PropertySet
from pacemaker_os.cib.parser import CibError
from pacemaker_os.cib.resources import Clone, Operation, Operations, Primitive
from pacemaker_os.cib.xml import indented, to_element


def test_generated_ids_are_those_of_pcs():
    vip = Primitive(
        id="vip",
        class_="ocf",
        provider="heartbeat",
        type="IPaddr2",
        instance_attributes=(InstanceAttributes(nvpairs=(NvPair(name="ip", value="192.0.2.1"),)),),
        operations=Operations(operations=(Operation(name="monitor", interval="30s"),)),
    )
    cib = Cib(resources=(Clone(child=vip),)).with_ids()
    (clone,) = cib.resources
    assert indented(to_element(clone)) == (
        '<clone id="vip-clone">\n'
        '  <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">\n'
        '    <instance_attributes id="vip-instance_attributes">\n'
        '      <nvpair id="vip-instance_attributes-ip" name="ip" value="192.0.2.1"/>\n'
        "    </instance_attributes>\n"
        "    <operations>\n"
        '      <op id="vip-monitor-interval-30s" name="monitor" interval="30s"/>\n'
        "    </operations>\n"
        "  </primitive>\n"
        "</clone>\n"
    )


def test_generated_ids_are_unique_and_valid():
    pairs = tuple(NvPair(name=name) for name in ("#a", "a", "a:b", "a b"))
    cib = Cib(property_sets=(PropertySet(nvpairs=pairs), PropertySet(id="2x"))).with_ids()
    first, second = cib.property_sets
    assert [pair.id for pair in first.nvpairs] == [
        "cib-bootstrap-options-a",
        "cib-bootstrap-options-a-1",
        "cib-bootstrap-options-ab",
        "cib-bootstrap-options-ab-1",
    ]
    assert second.id == "2x"


def test_second_assignment_of_ids_changes_nothing():
    cib = Cib.from_xml('<configuration><nodes><node uname="n1"/></nodes></configuration>').with_ids()
    assert cib.with_ids() == cib


def test_unknown_parts_are_preserved():
    xml = (
        '<cib validate-with="pacemaker-3.9" epoch="7"><configuration flavour="odd"><!-- c0 --><resources>'
        '<!-- c1 --><primitive id="a" class="lsb" type="T" colour="red"><bell volume="11"/></primitive>'
        '<orchestra id="o"/><!-- c2 --></resources><future id="f"/></configuration><status/></cib>'
    )
    cib = Cib.from_xml(xml)
    again = cib.to_xml()
    for piece in ('colour="red"', '<bell volume="11"/>', '<orchestra id="o"/>', '<future id="f"/>', "odd"):
        assert piece in again
    for comment in ("c0", "c1", "c2"):
        assert f"<!-- {comment} -->" in again
    assert cib.validate_with == "pacemaker-3.9"
    assert Cib.from_xml(again).to_xml() == again
    assert [(o.section, o.tag, o.id) for o in cib.objects()] == [
        ("resources", "primitive", "a"),
        ("resources", "orchestra", "o"),
    ]


def test_second_child_of_clone_is_preserved():
    clone = '<clone id="c"><primitive id="a"/><primitive id="b"/></clone>'
    cib = Cib.from_xml(f"<configuration><resources>{clone}</resources></configuration>")
    assert '<primitive id="b"/>' in cib.to_xml()


@pytest.mark.parametrize("data", ["", "no xml", "<html/>", "<cib/>", b"\xff\xfe", "<cib><configuration>"])
def test_other_content_is_rejected(data):
    with pytest.raises(CibError):
        Cib.from_xml(data)


def test_doctype_is_rejected():
    bomb = (
        '<!DOCTYPE cib [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;">]>'
        '<configuration><nodes><node id="&b;"/></nodes></configuration>'
    )
    with pytest.raises(CibError, match="DOCTYPE"):
        Cib.from_xml(bomb)


def test_ids_in_unknown_parts_are_in_use():
    xml = (
        '<configuration><resources><primitive id="a" class="lsb" type="T"><bell id="a-meta_attributes"/>'
        '<meta_attributes><nvpair name="x" value="1"/></meta_attributes></primitive>'
        '<orchestra id="a-meta_attributes-1"/></resources></configuration>'
    )
    assert '<meta_attributes id="a-meta_attributes-2">' in Cib.from_xml(xml).to_xml()


def test_cib_of_schema_4_is_read():
    xml = (
        '<cib validate-with="pacemaker-4.0"><configuration><resources><clone id="c"><meta_attributes id="m">'
        '<nvpair id="p" name="promotable" value="true"/></meta_attributes><primitive id="a" class="ocf" '
        'provider="p" type="T"/></clone></resources><constraints>'
        '<rsc_location id="l" rsc="c" role="Promoted">'
        '<rule id="r" boolean-op="and" score="5"><expression id="e" attribute="x" operation="eq" value="1"/>'
        "</rule></rsc_location></constraints></configuration></cib>"
    )
    cib = Cib.from_xml(xml)
    assert cib.validate_with == "pacemaker-4.0"
    assert 'role="Promoted"' in cib.to_xml()
    assert Cib.from_xml(cib.to_xml()).resources == cib.resources
