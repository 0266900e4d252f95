"""Parsing of CIB XML."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.errors import InputError, Problem


def xml_parser() -> etree.XMLParser:
    """Return a parser that ignores whitespace between elements, resolves no entities and opens no network."""
    return etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True, huge_tree=True)


def parse_cib(data: bytes | str, *, file: str = "cib.xml") -> etree._Element:
    """Parse a `<cib>` and return its root element.

    Raises:
        InputError: `data` is not well-formed XML, or its root is not a `<cib>` with a `<configuration>`.
    """
    try:
        root = etree.fromstring(data.encode() if isinstance(data, str) else data, xml_parser())
    except etree.XMLSyntaxError as error:
        line, message = error.lineno or 1, f"this is no XML: {error.msg}"
        raise InputError([Problem(file, line, error.offset or 0, message, "not-xml")]) from None
    if root.tag != "cib" or root.find("configuration") is None:
        message = f"this is no CIB: <cib> with a <configuration> was expected, not <{root.tag}>"
        raise InputError([Problem(file, 1, 0, message, "not-a-cib")])
    return root
