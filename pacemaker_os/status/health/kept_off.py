"""Nodes that a service is kept off by the result of a probe, although the configuration allows it there.

A probe that finds no agent, no program, no permission or invalid parameters bans the resource from the node
until its history is cleared (Pacemaker Explained, "How OCF Return Codes Are Interpreted": hard errors).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree.properties import read_properties
from pacemaker_os.cib.values import boolean, score
from pacemaker_os.dataclass import dataclass

#: Exit statuses that ban a resource from a node, and what they mean.
_HARD = {
    "2": "its parameters are not valid there",
    "3": "its agent does not support the action there",
    "4": "its agent lacks permissions there",
    "5": "its agent or program is not installed there",
}

_INFINITY = 1_000_000


@dataclass(frozen=True, slots=True)
class KeptOff:
    """A resource that cannot run on a node because of a probe; `text` is what the probe found."""

    resource: str
    node: str
    text: str
    reason: str = ""


def kept_off(cib: etree._Element) -> Iterator[KeptOff]:
    """Yield the failed probes of a `<cib>` on nodes where the configuration allows the resource.

    Constraints with rules may depend on the time and on node attributes; resources with a rule that can ban
    them are left out.
    """
    for state in cib.iterfind("status/node_state"):
        node = state.get("uname", "")
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource"):
            name = resource.get("id", "").split(":")[0]
            operations = resource.findall("lrm_rsc_op")
            probe = next((each for each in operations if _is_last_probe(each)), None)
            text = _HARD.get(probe.get("rc-code", "")) if probe is not None else None
            if probe is not None and text and _allowed(cib, name, node):
                yield KeptOff(name, node, text, " ".join(probe.get("exit-reason", "").split()))


def _is_last_probe(operation: etree._Element) -> bool:
    """Return whether an operation is a probe, and the last one on its node."""
    is_probe = operation.get("operation") == "monitor" and operation.get("interval", "0") == "0"
    return is_probe and operation.get("id", "").endswith("_last_0")


def _allowed(cib: etree._Element, resource: str, node: str) -> bool:
    """Return whether location constraints certainly allow a resource on a node."""
    configuration = cib.find("configuration")
    if configuration is None:
        return False
    element = next(configuration.iterfind(f"resources//*[@id='{resource}']"), None)
    if element is None:
        return False
    names = {
        resource,
        *(str(parent.get("id")) for parent in element.iterancestors("group", "clone", "master")),
    }
    allowed = boolean(read_properties(configuration).get("symmetric-cluster", "true")) is not False
    for location in configuration.iterfind("constraints/rsc_location"):
        if not _applies(location, names):
            continue
        if location.find("rule") is not None:
            if _may_ban(location):
                return False
        elif location.get("node", "").lower() == node.lower():
            value = score(location.get("score", "0")) or 0
            if value <= -_INFINITY:
                return False
            allowed = allowed or value >= 0
    return allowed


def _may_ban(location: etree._Element) -> bool:
    """Return whether a rule of a location may ban a resource, or allow it on some nodes only."""
    exclusive = location.get("resource-discovery") == "exclusive"
    scores = [rule.get("score", "") for rule in location.iter("rule") if rule.get("score")]
    values = [score(text) for text in scores]
    return exclusive or len(values) == 0 or any(value is None or value <= -_INFINITY for value in values)


def _applies(location: etree._Element, names: set[str]) -> bool:
    if location.get("rsc") in names:
        return True
    if pattern := location.get("rsc-pattern"):
        try:
            return any(re.search(pattern, name) for name in names)
        except re.error:
            return True
    return any(reference.get("id") in names for reference in location.iter("resource_ref"))
