"""Constraints: one line, `ID: one line`, or a mapping.

order: [a then b (optional), my-order: {first: a, then: b}, {id: my-other, sets: [[a, b], [c]]}]
location: [{resource: vip, where: osprole eq controller, score: 100}, {resources: "*", where: ...}]
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.constraints import Colocation, Location, Order, Ticket
from pacemaker_os.cib.table import layout
from pacemaker_os.document.comments import with_comments
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.location import decode_location, location_mapping
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.oneline.constraint import EXAMPLES, format_constraint, parse_constraint
from pacemaker_os.document.oneline.lexer import LineError
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, is_null
from pacemaker_os.text import did_you_mean

#: Sections of constraints, and the class of each.
CLASSES: dict[str, type[Element]] = {
    "order": Order,
    "colocation": Colocation,
    "location": Location,
    "tickets": Ticket,
}


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
        said = parse_constraint(section, text or "")
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
        return decode_location(mapping, reader, what, given)
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


def encode_constraint(element: Any, writer: Writer) -> Plain:
    """Return a line, a mapping, or `ID: either` when the id must be written."""
    section = next(name for name, cls in CLASSES.items() if cls is type(element))
    keys = encode(element, writer, without=("id",))
    if isinstance(element, Colocation):
        # A document without a score means INFINITY, so an absent score must be explicit.
        keys.setdefault("score", None)
    plain: Plain = format_constraint(section, keys) or _mapping(element, keys, writer)
    if element.id in layout(type(element)).keys:
        plain = {**keys, "id": element.id}
    elif element.id is not None:
        plain = {element.id: plain}
    return with_comments(plain, element)


def _mapping(element: Any, keys: dict[str, Plain], writer: Writer) -> dict[str, Plain]:
    if isinstance(element, Location):
        return location_mapping(element, keys, writer)
    if isinstance(element, Colocation) and "sets" in keys and keys["score"] == "INFINITY":
        return {key: value for key, value in keys.items() if key != "score"}
    return keys
