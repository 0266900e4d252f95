"""The document of a lab."""

from __future__ import annotations

from ipaddress import IPv4Network

from pacemaker_os import document
from pacemaker_os.lab.document import lab_document
from pacemaker_os.lab.shape import Lab

LAB = Lab(name="t", release="trixie", subnet=IPv4Network("172.31.250.0/24"), controllers=2, remotes=1)


def test_lab_document_has_device_for_each_node_and_no_password() -> None:
    text = lab_document(LAB)
    cib = document.load(text)
    ids = [element.id for element in cib.objects() if element.section == "resources"]
    assert ids == ["fence-controller01", "fence-controller02", "fence-compute01", "compute01"]
    assert 'name="stonith-enabled" value="true"' in cib.to_xml()
    assert "passwd" not in text
    assert "password:" not in text
