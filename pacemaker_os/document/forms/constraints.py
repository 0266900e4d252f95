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
from pacemaker_os.document.comments import add_comments, with_comments
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.location import decode_location, location_mapping
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.oneline.constraint import EXAMPLES, format_constraint, parse_constraint
from pacemaker_os.document.oneline.lexer import LineError
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, is_null
from pacemaker_os.text import did_you_mean

#: The class of the constraints in each section.
CLASSES: dict[str, type[Element]] = {
    "order": Order,
    "colocation": Colocation,
    "location": Location,
    "tickets": Ticket,
}


def decode_constraints(section: str, node: Node, reader: Reader) -> list[Element]:
    """Return the constraints of one section."""
    return [_decode_constraint(section, item, reader) for item in reader.sequence(node, f"'{section}'")]


def _decode_constraint(section: str, node: Node, reader: Reader) -> Any:
    if isinstance(node, Scalar):
        return _decode_line(section, node, reader, {})
    what = _noun(section)
    mapping = reader.mapping(node, what)
    if (found := _with_id(section, mapping)) is not None:
        key, value = found
        if isinstance(value, Scalar):
            return _decode_line(section, value, reader, {"id": key.text})
        return _decode_mapping(section, reader.mapping(value, what), reader, {"id": key.text})
    return _decode_mapping(section, mapping, reader, {})


def _noun(section: str) -> str:
    return f"{section.removesuffix('s')} constraint"


def _with_id(section: str, mapping: Mapping) -> tuple[Scalar, Node] | None:
    """Return the id and the constraint of `ID: constraint`."""
    if len(mapping.items) != 1:
        return None
    key, value = mapping.items[0]
    known = {*layout(CLASSES[section]).keys, "resources", "where"}
    return None if key.text in known else (key, value)


def _decode_line(section: str, node: Scalar, reader: Reader, fields: dict[str, Any]) -> Any:
    text = reader.text(node, _noun(section))
    try:
        keys = parse_constraint(section, text or "")
    except LineError as error:
        if text is not None:
            message = f"cannot parse '{text}': {error}; example: '{EXAMPLES[section]}'"
            reader.problem(node, message, "invalid-line")
        return CLASSES[section](origin=node.origin)
    return _decode_mapping(section, _tree(keys, node), reader, fields)


def _tree(value: Any, line: Scalar) -> Any:
    """Return a value of the long form as a tree in which everything has the position of the line."""
    if isinstance(value, dict):
        items = tuple((Scalar(key, line.origin), _tree(item, line)) for key, item in value.items())
        return Mapping(items, line.origin)
    if isinstance(value, list):
        return Sequence(tuple(_tree(item, line) for item in value), line.origin)
    return Scalar(value, line.origin)


def _decode_mapping(section: str, mapping: Mapping, reader: Reader, fields: dict[str, Any]) -> Any:
    cls = CLASSES[section]
    what = _noun(section)
    if cls is Location:
        return decode_location(mapping, reader, what, fields)
    constraint: Any = decode(cls, mapping, reader, what, **fields)
    if cls is Colocation and mapping.get("score") is None:
        constraint = replace(constraint, score="INFINITY")
    _check_ends(constraint, mapping, reader, what)
    return constraint


#: The keys that a constraint without sets requires.
_ENDS = {
    Order: ("first", "then"),
    Colocation: ("resource", "with"),
    Ticket: ("resource",),
}


def _check_ends(constraint: Any, mapping: Mapping, reader: Reader, what: str) -> None:
    ends = _ENDS[type(constraint)]
    missing = [end for end in ends if is_null(mapping.get(end))]
    if constraint.sets:
        for end in ends:
            if end not in missing:
                reader.problem(mapping, f"{what} cannot have both 'sets' and '{end}'", "ends-and-sets")
    elif missing:
        near = [key for key, _, _ in mapping if did_you_mean(key, missing)]
        if not near:
            message = f"{what} requires {' and '.join(repr(end) for end in missing)}, or 'sets'"
            reader.problem(mapping, message, "missing-key")


def encode_constraint(element: Any, writer: Writer) -> Plain:
    """Return a line, a mapping, or `ID: either` when the id must be written."""
    section = next(name for name, cls in CLASSES.items() if cls is type(element))
    keys = encode(element, writer, without=("id",))
    if isinstance(element, Colocation):
        # A document without a score means INFINITY, so an absent score must be explicit.
        keys.setdefault("score", None)
    plain: Plain = format_constraint(section, keys) or _encode_mapping(element, keys, writer)
    if element.id in layout(type(element)).keys:
        plain = {**keys, "id": element.id}
    elif element.id is not None:
        plain = {element.id: plain}
    if isinstance(element, Location) and element.role is not None and element.rules:
        plain = add_comments((_IGNORED_ROLE,), plain)
    return with_comments(plain, element)


#: The comment of an exported constraint that a document cannot express with `where`.
_IGNORED_ROLE = " Pacemaker ignores `role` next to `rules`; only the `role` of a rule has an effect."


def _encode_mapping(element: Any, keys: dict[str, Plain], writer: Writer) -> dict[str, Plain]:
    if isinstance(element, Location):
        return location_mapping(element, keys, writer)
    if isinstance(element, Colocation) and "sets" in keys and keys["score"] == "INFINITY":
        return {key: value for key, value in keys.items() if key != "score"}
    return keys
