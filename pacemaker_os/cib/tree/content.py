"""The content of CIB XML: access to the configuration, comparison and digests."""

from __future__ import annotations

import hashlib
from copy import deepcopy

from lxml import etree

CONFIGURATION = "configuration"


def configuration(cib: etree._Element) -> etree._Element:
    """The `<configuration>` of a `<cib>`."""
    found = cib.find(CONFIGURATION)
    if found is None:
        raise ValueError("a <cib> without a <configuration>")
    return found


def with_configuration(cib: etree._Element, new: etree._Element) -> etree._Element:
    """A copy of `cib` that has `new` as its configuration and keeps everything else, the status included."""
    copy = deepcopy(cib)
    copy.replace(configuration(copy), deepcopy(new))
    return copy


def attributes(element: etree._Element) -> dict[str, str]:
    """The attributes of an element as plain text."""
    return {str(name): str(value) for name, value in element.items()}


def canonical(element: etree._Element) -> bytes:
    """Bytes that are equal exactly when two trees are: the order of attributes is no content (C14N)."""
    return etree.tostring(element, method="c14n", with_comments=True)


def digest(element: etree._Element) -> str:
    """A short name for a tree's content."""
    return hashlib.sha256(canonical(element)).hexdigest()[:16]


def same_content(one: etree._Element, other: etree._Element) -> bool:
    """Whether two `<cib>` have the same configuration, under the same schema."""
    schemas_agree = one.get("validate-with") == other.get("validate-with")
    return schemas_agree and same(configuration(one), configuration(other))


def same(one: etree._Element, other: etree._Element) -> bool:
    """Whether two trees have the same content."""
    return canonical(one) == canonical(other)
