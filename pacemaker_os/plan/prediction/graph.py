"""Transition graphs as XML, although Pacemaker writes some that are not well-formed."""

from __future__ import annotations

import re

from lxml import etree

#: Parser for graphs, which may be larger than 10 MB.
_PARSER = etree.XMLParser(huge_tree=True)

#: Parser for graphs that remain not well-formed.
_LENIENT = etree.XMLParser(huge_tree=True, recover=True)

#: The element with the parameters and options of a resource, each of which is an XML attribute.
_ATTRIBUTES = re.compile(rb"<attributes\s.*?(/?)>(?=\s*\n\s*<)", re.DOTALL)

#: The attributes that Pacemaker itself names.
_OWN = re.compile(rb'(?<=\s)(?:CRM_meta_\w+|crm_feature_set)="[^"]*"')


def read_graph(data: bytes) -> etree._Element:
    """Return the output of `crm_simulate --save-graph`.

    If a graph is not well-formed, each resource has an element `<param>` in place of its parameters. That is
    what Pacemaker itself does with a parameter whose name begins with a digit (hash2smartfield). Other names
    that are not possible in XML, such as `a=b`, are attributes nevertheless. Pacemaker 2.1.5 does not escape
    quotation marks in a value after the first character that is not ASCII.
    """
    try:
        return etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError:
        return etree.fromstring(_ATTRIBUTES.sub(_without_parameters, data), _LENIENT)


def _without_parameters(element: re.Match[bytes]) -> bytes:
    own = b" ".join(_OWN.findall(element[0]))
    return b"<attributes %s><param/>%s" % (own, b"</attributes>" if element[1] else b"")
