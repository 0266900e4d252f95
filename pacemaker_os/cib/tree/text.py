"""Elements as text and back, in one line and in one way."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree.parse import xml_parser


def to_text(element: etree._Element) -> str:
    """An element as XML text, attributes in their order."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def from_text(text: str) -> etree._Element:
    """Read what `to_text` wrote; raises etree.XMLSyntaxError on anything else."""
    return etree.fromstring(text, xml_parser())
