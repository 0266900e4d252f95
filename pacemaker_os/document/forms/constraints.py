"""Constraints: one line, `ID: one line`, or a mapping.

order: [a then b (optional), my-order: {first: a, then: b}, {id: my-other, sets: [[a, b], [c]]}]
location: [{resource: vip, where: osprole eq controller, score: 100}, {resources: "*", where: ...}]
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.constraints import Colocation, Location, Order, ResourceRef, ResourceSet, Ticket
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import layout
from pacemaker_os.document.constraint_lines import EXAMPLES, read_line
from pacemaker_os.document.elements import decode
from pacemaker_os.document.forms.rules import decode_rule
from pacemaker_os.document.line import LineError
from pacemaker_os.document.reader import Reader, is_null
from pacemaker_os.document.tree import Mapping, Node, Scalar, Sequence
from pacemaker_os.text import did_you_mean

#: Sections of constraints, and the class of each.
CLASSES: dict[str, type[Element]] = {
    "order": Order,
    "colocation": Colocation,
    "location": Location,
    "tickets": Ticket,
}

#: Every resource of the document that is no fencing device.
EVERYTHING = "*"

_RULE = next(spec for spec in layout(Location).children if spec.field == "rules")


def decode_constraints(section: str, node: Node, reader: Reader) -> list[Element]:
    """Return the constraints of one section."""
    return [_decode(section, item, reader) for item in reader.sequence(node, f"'{section}'")]


def _decode(section: str, node: Node, reader: Reader) -> Any:
    if isinstance(node, Scalar):
        return _from_line(section, node, reader, {})
    what = f"a constraint in '{section}'"
    mapping = reader.mapping(node, what)
    if (named := _named(section, mapping)) is not None:
        key, value = named
        if isinstance(value, Scalar):
            return _from_line(section, value, reader, {"id": key.text})
        return _from_mapping(section, reader.mapping(value, what), reader, {"id": key.text})
    return _from_mapping(section, mapping, reader, {})


def _named(section: str, mapping: Mapping) -> tuple[Scalar, Node] | None:
    """Return the id and the constraint of `ID: constraint`."""
    if len(mapping.items) != 1:
        return None
    key, value = mapping.items[0]
    known = {*layout(CLASSES[section]).keys, "resources", "where"}
    return None if key.text in known else (key, value)


def _from_line(section: str, node: Scalar, reader: Reader, given: dict[str, Any]) -> Any:
    text = reader.text(node, f"a constraint in '{section}'")
    try:
        said = read_line(section, text or "")
    except LineError as error:
        if text is not None:
            example = EXAMPLES[section]
            message = f"'{text}' cannot be read: {error}; write it as in '{example}'"
            reader.problem(node, message, "line")
        return CLASSES[section](origin=node.origin)
    return _from_mapping(section, _tree(said, node), reader, given)


def _tree(said: Any, node: Scalar) -> Any:
    """Return what a line says as the tree of the long form, every part of it where the line stands."""
    if isinstance(said, dict):
        items = tuple((Scalar(key, node.origin), _tree(value, node)) for key, value in said.items())
        return Mapping(items, node.origin)
    if isinstance(said, list):
        return Sequence(tuple(_tree(item, node) for item in said), node.origin)
    return Scalar(said, node.origin)


def _from_mapping(section: str, mapping: Mapping, reader: Reader, given: dict[str, Any]) -> Any:
    cls = CLASSES[section]
    what = f"a constraint in '{section}'"
    if cls is Location:
        return _location(mapping, reader, what, given)
    made: Any = decode(cls, mapping, reader, what, **given)
    if cls is Colocation and mapping.get("score") is None:
        made = replace(made, score="INFINITY")
    _check_ends(made, mapping, reader, what)
    return made


#: Which of a constraint's keys must stand together, unless it has sets.
_ENDS = {
    Order: ("first", "then"),
    Colocation: ("resource", "with"),
    Ticket: ("resource",),
}


def _check_ends(made: Any, mapping: Mapping, reader: Reader, what: str) -> None:
    ends = _ENDS[type(made)]
    missing = [end for end in ends if is_null(mapping.get(end))]
    if made.sets:
        for end in ends:
            if end not in missing:
                reader.problem(mapping, f"{what} has sets and '{end}'; one of them must go", "ends-and-sets")
    elif missing:
        near = [key for key, _, _ in mapping if did_you_mean(key, missing)]
        said = f"{what} needs {' and '.join(repr(end) for end in missing)}, or 'sets'"
        if not near:
            reader.problem(mapping, said, "missing-key")


def _location(mapping: Mapping, reader: Reader, what: str, given: dict[str, Any]) -> Location:
    where, resources = mapping.get("where"), mapping.get("resources")
    own = mapping.without("where", "resources", "except")
    exceptions = mapping.get("except")
    if where is not None:
        own = own.without("score", "score-attribute")
        given = {**given, "rules": (_rule(where, mapping, reader),)}
    if resources is not None:
        given = {**given, **_resources(resources, exceptions, reader)}
    made = decode(Location, own, reader, what, **given)
    if made.rsc is None and made.rsc_pattern is None and not made.sets:
        said = f"{what} needs 'resource', 'resources' or 'pattern'"
        reader.problem(mapping, said, "missing-key")
    if not made.rules and (made.node is None or made.score is None):
        if made.node is not None and mapping.get("score") is None:
            return replace(made, score="INFINITY")
        reader.problem(mapping, f"{what} needs 'node', 'where' or 'rules'", "missing-key")
    return made


def _rule(where: Node, mapping: Mapping, reader: Reader) -> Rule:
    """The rule of `where:`, with the constraint's score.

    Without one the nodes are wanted without limit, as pcs has it; but where resources may be nowhere
    else anyway (`discovery: exclusive`), the score is 0, so that stickiness and other wishes still count.
    """
    rule = decode_rule(_RULE, where, reader)
    for key, field in (("score", "score"), ("score-attribute", "score_attribute")):
        node = mapping.get(key)
        if node is not None and not is_null(node):
            spec = layout(Rule).keys[key]
            text = reader.text(node, f"'{key}'")
            kind = getattr(spec, "kind", None)
            if text is not None and kind is not None and not kind.accepts(text):
                reader.problem(node, f"'{key}' cannot be '{text}'; it must be {kind.expected}", "wrong-value")
            change: dict[str, Any] = {field: text}
            rule = replace(rule, **change)
    if rule.score is None and rule.score_attribute is None and mapping.get("score") is None:
        discovery = mapping.get("discovery")
        exclusive = isinstance(discovery, Scalar) and discovery.text == "exclusive"
        rule = replace(rule, score="0" if exclusive else "INFINITY")
    return rule


def _resources(node: Node, exceptions: Node | None, reader: Reader) -> dict[str, Any]:
    """One name, a list of names, or all services of the document.

    All of them are written as a resource set and not as a pattern: a pattern would also hold for
    fencing devices, which may have to run elsewhere, and for resources that other documents own.
    """
    if isinstance(node, Scalar) and node.text != EVERYTHING:
        name = reader.text(node, "'resources'")
        return {"rsc": None if name is None else reader.resource(name)}
    left_out: set[str] = set()
    if exceptions is not None:
        items = reader.sequence(exceptions, "'except'")
        left_out = {reader.resource(reader.text(item, "a name in 'except'") or "") for item in items}
        for item in items:
            if isinstance(item, Scalar) and reader.resource(item.text or "") not in reader.services:
                near = did_you_mean(item.text or "", reader.services)
                reader.problem(item, f"there is no resource '{item.text}' to leave out{near}", "dangling")
    if isinstance(node, Scalar):
        names = [name for name in reader.services if name not in left_out]
    else:
        items = reader.sequence(node, "'resources'")
        names = [reader.resource(reader.text(item, "a name in 'resources'") or "") for item in items]
    if not names:
        reader.problem(node, "there is no resource that this constraint could be about", "dangling")
    members = tuple(ResourceRef(id=name, origin=node.origin) for name in names)
    return {"sets": (ResourceSet(members=members, origin=node.origin),)}
