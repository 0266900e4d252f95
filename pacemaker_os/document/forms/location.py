"""Location constraints as mappings: `where` for the only rule, `resources` and `except` for the only set.

location:
  - {resource: vip, where: osprole eq controller, score: 100}
  - {resources: "*", except: [a], where: osprole eq controller}
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib.constraints import Location, ResourceRef, ResourceSet
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import layout
from pacemaker_os.document.forms.element import decode
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.rules import decode_rule, encode_rule
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar
from pacemaker_os.text import did_you_mean

#: All resources of the document except fencing devices.
EVERYTHING = "*"

#: Keys next to `where` that belong to the rule.
_RULE_KEYS = ("role", "score", "score-attribute")
_ANY_ROLE = "Started"

_RULES = next(spec for spec in layout(Location).children if spec.field == "rules")


def decode_location(mapping: Mapping, reader: Reader, what: str, fields: dict[str, Any]) -> Location:
    where, resources = mapping.get("where"), mapping.get("resources")
    own = mapping.without("where", "resources", "except")
    exceptions = mapping.get("except")
    if where is not None:
        own = own.without(*_RULE_KEYS)
        fields = {**fields, "rules": (_decode_rule(where, mapping, reader),)}
    if resources is not None:
        fields = {**fields, **_decode_resources(resources, exceptions, reader)}
    constraint = decode(Location, own, reader, what, **fields)
    if constraint.rsc is None and constraint.rsc_pattern is None and not constraint.sets:
        reader.problem(mapping, f"{what} requires 'resource', 'resources' or 'pattern'", "missing-key")
    if not constraint.rules and (constraint.node is None or constraint.score is None):
        if constraint.node is not None and mapping.get("score") is None:
            return replace(constraint, score="INFINITY")
        reader.problem(mapping, f"{what} requires 'node', 'where' or 'rules'", "missing-key")
    return constraint


def _decode_rule(where: Node, mapping: Mapping, reader: Reader) -> Rule:
    """Return the rule of `where:` with the role and the score of the constraint.

    Pacemaker ignores the role of a constraint that has a rule (Pacemaker Explained, "Location Rules").

    The default score is INFINITY, as in pcs. With `discovery: exclusive`, resources cannot run on other
    nodes anyway; there the default is 0, so that stickiness and other scores still apply.
    """
    rule = decode_rule(_RULES, where, reader)
    outer = decode(Rule, mapping.only(_RULE_KEYS), reader, "rule")
    changes: dict[str, Any] = {
        spec.field: value
        for spec in layout(Rule).attributes
        if spec.key in _RULE_KEYS and (value := getattr(outer, spec.field)) is not None
    }
    if changes.get("role") == _ANY_ROLE:
        # In a rule, Pacemaker 2.1 applies this role to no node.
        changes["role"] = None
    rule = replace(rule, **changes)
    if rule.score is None and rule.score_attribute is None and mapping.get("score") is None:
        discovery = mapping.get("discovery")
        exclusive = isinstance(discovery, Scalar) and discovery.text == "exclusive"
        rule = replace(rule, score="0" if exclusive else "INFINITY")
    return rule


def _decode_resources(node: Node, exceptions: Node | None, reader: Reader) -> dict[str, Any]:
    """Return the fields for one name, a list of names, or all services of the document.

    All services become a resource set and not a pattern. A pattern would also match fencing devices, which
    may need other nodes, and resources that other documents own.
    """
    if isinstance(node, Scalar) and node.text != EVERYTHING:
        name = reader.name(node, "'resources'")
        return {"rsc": None if name is None else reader.resource(name)}
    excluded: set[str] = set()
    if exceptions is not None:
        items = reader.sequence(exceptions, "'except'")
        excluded = {reader.resource(reader.name(item, "a name in 'except'") or "") for item in items}
        for item in items:
            if isinstance(item, Scalar) and reader.resource(item.text or "") not in reader.services:
                near = did_you_mean(item.text or "", reader.services)
                reader.problem(item, f"unknown resource '{item.text}' in 'except'{near}", "dangling")
    if isinstance(node, Scalar):
        names = [name for name in reader.services if name not in excluded]
    else:
        items = reader.sequence(node, "'resources'")
        names = [reader.resource(reader.name(item, "a name in 'resources'") or "") for item in items]
    if not names:
        reader.problem(node, "this constraint applies to no resource", "dangling")
    members = tuple(ResourceRef(id=name, origin=node.origin) for name in names)
    return {"sets": (ResourceSet(members=members, origin=node.origin),)}


def location_mapping(element: Location, keys: dict[str, Plain], writer: Writer) -> dict[str, Plain]:
    """Return the long form `keys` with the only set as `resources` and the only rule as `where`."""
    sets = keys.get("sets")
    if len(element.sets) == 1 and isinstance(sets, list):
        (only,) = sets
        if isinstance(only, list):
            keys = {"resources": _members(element.sets[0], only, writer), **keys}
            del keys["sets"]
    if len(element.rules) == 1 and "score" not in keys and "node" not in keys:
        keys = _with_rule(keys, element, writer)
    order = ("resource", "resources", "pattern", "role", "node", "where", "score", "score-attribute")
    return {**{key: keys[key] for key in order if key in keys}, **keys}


def _members(each: ResourceSet, names: list[Plain], writer: Writer) -> Plain:
    ids = [member.id for member in each.members]
    everything = len(ids) > 1 and len(set(ids)) == len(ids) and frozenset(ids) == writer.services
    return EVERYTHING if everything else names


def _with_rule(keys: dict[str, Plain], element: Location, writer: Writer) -> dict[str, Plain]:
    """Return `keys` with the line and the score of the only rule in place of `rules`."""
    rule = encode_rule(_RULES, element.rules[0], writer)
    if not isinstance(rule, dict) or not {"where"} <= rule.keys() <= {"where", *_RULE_KEYS}:
        return keys
    if "role" in keys or rule.get("role") == _ANY_ROLE:
        # A mapping with `where` cannot express the role of the constraint itself.
        return keys
    default = "0" if keys.get("discovery") == "exclusive" else "INFINITY"
    if rule.get("score") == default:
        del rule["score"]
    elif "score" not in rule and "score-attribute" not in rule:
        return keys
    return {**{key: value for key, value in keys.items() if key != "rules"}, **rule}
