"""The example document of the interface."""

from __future__ import annotations

from pathlib import Path

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.resources import Clone

TEXT = (Path(__file__).parents[2] / "cases/document/interface.cib.yaml").read_text()


def test_interface_document_dump_reproduces_text():
    written = document.dump(document.load(TEXT))
    assert written == TEXT.partition("\n")[2]


def test_interface_document_survives_xml_round_trip():
    cib = document.load(TEXT)
    again = Cib.from_xml(cib.to_xml())
    assert document.load(document.dump(again)) == cib


def test_interface_document_has_expected_objects():
    cib = document.load(TEXT)
    assert [node.uname for node in cib.nodes] == ["controller01", "controller02", "controller03"]
    vip, haproxy, galera = cib.resources
    assert isinstance(haproxy, Clone)
    assert isinstance(galera, Clone)
    assert haproxy.id == "lb-haproxy-clone"
    assert [(pair.name, pair.value) for pair in galera.meta_attributes[0].nvpairs] == [
        ("promotable", "true"),
        ("promoted-max", "3"),
    ]
    order, colocation, location = cib.constraints
    assert (order.first, order.then, order.kind) == ("lb-haproxy-clone", "vip", "Optional")
    assert (colocation.rsc, colocation.with_rsc, colocation.score) == ("vip", "lb-haproxy-clone", "INFINITY")
    assert [member.id for member in location.sets[0].members] == ["vip", "lb-haproxy-clone", "galera-clone"]
    assert location.rules[0].score == "0"
    assert (vip.origin.line, vip.origin.column) == (15, 3)
