"""Elements as text and back, in one line and in one way."""

from __future__ import annotations

from lxml import etree


def to_text(element: etree._Element) -> str:
    """An element as XML text, attributes in their order."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def from_text(text: str) -> etree._Element:
    """Read what `to_text` wrote; raises etree.XMLSyntaxError on anything else."""
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(text, parser)
