"""Transition graphs as XML, although Pacemaker writes some that are not well-formed."""

from __future__ import annotations

import re

from lxml import etree

#: Parser for graphs, which may be larger than 10 MB.
_PARSER = etree.XMLParser(huge_tree=True)

#: Parser for the rest: Pacemaker 2.1.5 does not escape quotation marks after the first character that is not
#: ASCII.
_LENIENT = etree.XMLParser(huge_tree=True, recover=True)

#: The element with the parameters and meta attributes of a resource, each of which is an XML attribute.
_ATTRIBUTES = re.compile(rb'<attributes((?: [^"]*?="[^"]*")*) ?(/?)>')

_PAIR = re.compile(rb' ([^"]*?)="([^"]*)"')

#: The names that are attributes in XML as well.
_NAME = re.compile(rb"[A-Za-z_\x80-\xff][\w.\-\x80-\xff]*")


def read_graph(data: bytes) -> etree._Element:
    """Return the output of `crm_simulate --save-graph`.

    A parameter whose name is not possible in XML, such as `a=b`, becomes an element `<param>`, which is what
    Pacemaker itself does with names that begin with a digit (hash2smartfield).
    """
    try:
        return etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError:
        return etree.fromstring(_ATTRIBUTES.sub(_well_formed, data), _LENIENT)


def _well_formed(element: re.Match[bytes]) -> bytes:
    pairs = _PAIR.findall(element[1])
    if all(_NAME.fullmatch(name) for name, _ in pairs):
        return element[0]
    named = b"".join(b' %s="%s"' % pair for pair in pairs if _NAME.fullmatch(pair[0]))
    return b"<attributes%s><param/>%s" % (named, b"</attributes>" if element[2] else b"")
