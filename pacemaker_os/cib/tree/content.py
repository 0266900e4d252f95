"""The content of CIB XML: access to the configuration, comparison and digests."""

from __future__ import annotations

import hashlib
from copy import deepcopy

from lxml import etree


def configuration(cib: etree._Element) -> etree._Element:
    """Return the `<configuration>` of a `<cib>`."""
    found = cib.find("configuration")
    if found is None:
        raise ValueError("the <cib> has no <configuration>")
    return found


def with_configuration(cib: etree._Element, new: etree._Element) -> etree._Element:
    """Return a copy of `cib` with the configuration `new`. Everything else stays, including the status."""
    copy = deepcopy(cib)
    copy.replace(configuration(copy), deepcopy(new))
    return copy


def attributes(element: etree._Element) -> dict[str, str]:
    """Return the attributes of an element as text."""
    return {str(name): str(value) for name, value in element.items()}


def canonical(element: etree._Element) -> bytes:
    """Return canonical XML (C14N), which is equal for trees with the same content."""
    return etree.tostring(element, method="c14n", with_comments=True)


def digest(element: etree._Element) -> str:
    """Return a short digest of the content of a tree."""
    return hashlib.sha256(canonical(element)).hexdigest()[:16]


def same_content(one: etree._Element, other: etree._Element) -> bool:
    """Return whether two `<cib>` have the same configuration and the same schema."""
    same_schema = one.get("validate-with") == other.get("validate-with")
    return same_schema and same(configuration(one), configuration(other))


def same(one: etree._Element, other: etree._Element) -> bool:
    """Return whether two trees have the same content."""
    return canonical(one) == canonical(other)
