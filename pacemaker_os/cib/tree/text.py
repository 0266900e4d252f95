"""Conversion between elements and XML text on one line."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.parser import parse_xml


def to_text(element: etree._Element) -> str:
    """Return an element as XML text, with its attributes in their order."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


def from_text(text: str) -> etree._Element:
    """Parse the output of `to_text`.

    Raises:
        etree.XMLSyntaxError: `text` is not well-formed XML.
    """
    return parse_xml(text)
