"""The cluster properties of a raw CIB."""

from __future__ import annotations

from lxml import etree

#: Names that Pacemaker 3.0 has for properties, with the former ones, which it reads as well.
FORMER = {"fencing-enabled": "stonith-enabled", "stop-removed-resources": "stop-orphan-resources"}


def read_properties(configuration: etree._Element) -> dict[str, str]:
    """Return the properties of a `<configuration>` that have no rule, by their former names.

    The first set that contains a name takes precedence, unless another one has a higher score.
    """
    sets = [
        each
        for each in configuration.iterfind("crm_config/cluster_property_set")
        if each.find("rule") is None
    ]
    found: dict[str, str] = {}
    for each in sorted(sets, key=_score, reverse=True):
        for pair in each.iterfind("nvpair"):
            name = str(pair.get("name"))
            found.setdefault(FORMER.get(name, name), str(pair.get("value", "")))
    return found


def _score(element: etree._Element) -> int:
    text = element.get("score", "0")
    return int(text) if text.lstrip("+-").isdigit() else 1_000_000 * (-1 if text.startswith("-") else 1)
