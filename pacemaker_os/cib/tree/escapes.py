"""Values that Pacemaker has to escape in XML.

Pacemaker 2.1 escapes nothing after the first character that is not ASCII, so a quote there ends the value. It
replaces a tab with spaces, a line break with a backslash and an `n`, and other control characters with
their octal codes (crm_xml_escape in lib/common/xml.c). Pacemaker 3.0 escapes all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

#: Control characters; and the characters that XML reserves in values, after one that is not ASCII.
_AWKWARD = re.compile(r"""[\x00-\x1f\x7f]|[^\x00-\x7f].*[&<"]""", re.DOTALL)

_REPLACED = re.compile(r"""[\x00-\x1f\x7f&<"]""")


def needs_escapes(text: str) -> bool:
    """Return whether some versions of Pacemaker write a value as another one."""
    return _AWKWARD.search(text) is not None


def values_with_escapes(element: etree._Element) -> Iterator[str]:
    """Yield the values in an element that some versions of Pacemaker write as other ones."""
    for each in element.iter("*"):
        yield from (str(value) for value in each.attrib.values() if needs_escapes(str(value)))


def without_escapes(element: etree._Element) -> etree._Element:
    """Return a copy in which such values have underscores, for programs that write other values."""
    copy = deepcopy(element)
    for each in copy.iter("*"):
        for name, value in each.attrib.items():
            if needs_escapes(str(value)):
                each.set(name, _REPLACED.sub("_", str(value)))
    return copy
