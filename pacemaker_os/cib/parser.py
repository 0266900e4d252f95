"""Parsing of XML: the only place that configures the parser."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.errors import InputError, PacemakerOsError, Problem

#: Maximum depth of elements in a CIB. A CIB without nested rules needs about 12 levels.
MAX_DEPTH = 64
_IS_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")


class CibError(PacemakerOsError):
    """The XML is not a CIB."""

    code = "not-a-cib"


def parse_xml(data: bytes | str) -> etree._Element:
    """Parse XML of any size and return its root element, without the whitespace between elements.

    The parser expands no entities and opens no network connections.

    Raises:
        etree.XMLSyntaxError: `data` is not well-formed.
        CibError: `data` has a DOCTYPE (a CIB never has one, and it could define entities), or its elements
            are nested more than `MAX_DEPTH` levels deep.
    """
    parser = etree.XMLParser(
        remove_blank_text=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    root = etree.fromstring(data.encode() if isinstance(data, str) else data, parser)
    if root.getroottree().docinfo.internalDTD is not None:
        raise CibError("a CIB must not have a DOCTYPE")
    if _IS_TOO_DEEP(root):
        raise CibError(f"elements are nested more than {MAX_DEPTH} levels deep; simplify the rules")
    return root


def parse_cib(data: bytes | str, *, file: str = "cib.xml") -> etree._Element:
    """Parse a `<cib>` and return its root element.

    Raises:
        InputError: `data` is not well-formed XML, or its root is not a `<cib>` with a `<configuration>`.
    """
    try:
        root = parse_xml(data)
    except etree.XMLSyntaxError as error:
        line, message = error.lineno or 1, f"invalid XML: {error.msg}"
        raise InputError([Problem(file, line, error.offset or 0, message, "not-xml")]) from None
    except CibError as error:
        raise InputError([Problem(file, 1, 0, str(error), error.code)]) from None
    if root.tag != "cib" or root.find("configuration") is None:
        message = f"not a CIB: expected <cib> with a <configuration>, found <{root.tag}>"
        if root.find(".//cib") is not None:
            message += " around a <cib>; save the output of 'cibadmin --query' instead"
        raise InputError([Problem(file, 1, 0, message, "not-a-cib")])
    return root
