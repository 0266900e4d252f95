"""The cluster properties of a raw CIB."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree.pairs import effective_pairs, possible_values

#: Names that Pacemaker 3.0 has for properties, with the former ones, which it reads as well.
FORMER = {"fencing-enabled": "stonith-enabled", "stop-removed-resources": "stop-orphan-resources"}


def read_properties(configuration: etree._Element) -> dict[str, str]:
    """Return the properties of a `<configuration>` that apply if no rule matches, by their former names."""
    found: dict[str, str] = {}
    options = configuration.find("crm_config")
    for name, value in effective_pairs(options, "cluster_property_set").items():
        found.setdefault(FORMER.get(name, name), value)
    return found


def possible_property(configuration: etree._Element | None, former: str) -> list[str]:
    """Return the values that a property, by its former name, can have, depending on rules."""
    names = {former, *(name for name, other in FORMER.items() if other == former)}
    options = None if configuration is None else configuration.find("crm_config")
    return possible_values(options, "cluster_property_set", names)
