"""Writes constraints: on one line where that says all, else as a mapping."""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib.constraints import Colocation, Location, Order, ResourceSet, Ticket
from pacemaker_os.cib.element import Element
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.words import quote
from pacemaker_os.document.constraint_lines import ACTIONS, ROLES, read_line
from pacemaker_os.document.elements import encode
from pacemaker_os.document.forms.constraints import CLASSES
from pacemaker_os.document.forms.rules import encode_rule
from pacemaker_os.document.line import LineError
from pacemaker_os.document.remarks import remarked
from pacemaker_os.document.writer import Plain, Writer

_RESERVED = frozenset(("then", "with", "on", "avoids", "needs", *ACTIONS, *ROLES))


def encode_constraint(element: Any, writer: Writer) -> Plain:
    """Return a line, a mapping, or `ID: either` when the id is to be said."""
    said = encode(element, writer, without=("id",))
    if isinstance(element, Colocation):
        # Where a document says no score, it means INFINITY; that there is none must be said.
        said.setdefault("score", None)
    plain = _WORDS[type(element)](dict(said), element, writer)
    if isinstance(plain, str) and not _reads_back(plain, said, element):
        plain = said
    if element.id in layout(type(element)).keys:
        plain = {**said, "id": element.id}
    elif element.id is not None:
        plain = {element.id: plain}
    return remarked(plain, element)


def _reads_back(line: str, said: dict[str, Plain], element: Any) -> bool:
    """Tell whether odd characters in names or options leave a line with the meaning of the long form."""
    if not any(mark in line for mark in "\"'="):
        return True
    section = next(word for word, cls in CLASSES.items() if cls is type(element))
    try:
        read = read_line(section, line)
    except LineError:
        return False
    wanted: dict[str, Plain] = dict(said)
    if isinstance(element, Colocation):
        read.setdefault("score", "INFINITY")
    sets = wanted.get("sets")
    if isinstance(sets, list):
        wanted["sets"] = [{"resources": each} if isinstance(each, list) else each for each in sets]
    return read == wanted


def _name(word: Plain) -> str:
    text = str(word)
    return f'"{text}"' if text in _RESERVED else quote(text)


def _with_options(line: str, words: list[str], said: dict[str, Plain], keys: tuple[str, ...]) -> str:
    pairs = [f"{key}={said[key]}" for key in keys if key in said]
    options = ", ".join([*words, *pairs])
    return f"{line} ({options})" if options else line


def _order(said: dict[str, Plain], element: Order, writer: Writer) -> Plain:
    extra = ("symmetrical", "require-all")
    if "sets" in said:
        steps = [_step(each, writer) for each in element.sets]
        if not said.keys() <= {"sets", "kind", "score", *extra} or None in steps:
            return said
        if len(steps) == 2 and all("[" not in str(s) and "{" not in str(s) for s in steps):
            steps = [_bracketed(each, writer) for each in element.sets]
        elif len(steps) == 1:
            steps = [_bracketed(element.sets[0], writer)]
        line = " then ".join(str(step) for step in steps)
    elif said.keys() <= {"first", "then", "first-action", "then-action", "kind", "score", *extra}:
        if "first" not in said or "then" not in said:
            return said
        line = " then ".join(
            f"{said[f'{end}-action']} {_name(said[end])}" if f"{end}-action" in said else _name(said[end])
            for end in ("first", "then")
        )
    else:
        return said
    words = [str(said["kind"]).lower()] if "kind" in said else []
    words += [str(said["score"])] if "score" in said else []
    return _with_options(line, words, said, extra)


def _step(each: ResourceSet, writer: Writer) -> str | None:
    """Return a set as a step of a line, None when it says more than a step can."""
    if each.id is not None and each.id in writer.referenced:
        return None
    said = encode(each, writer, without=("id",))
    names = said.pop("resources", None)
    action = said.pop("action", None)
    sequential = said.pop("sequential", None)
    if said or not isinstance(names, list) or not names or sequential not in (None, "false"):
        return None
    inner = ", ".join(_name(name) for name in names)
    if sequential == "false":
        inner = f"{{{inner}}}"
    elif len(names) > 1:
        inner = f"[{inner}]"
    return f"{action} {inner}" if action else inner


def _bracketed(each: ResourceSet, writer: Writer) -> str | None:
    """Return a step that can only be a set, even if it has one member."""
    step = _step(each, writer)
    if step is None or "[" in step or "{" in step:
        return step
    return f"{each.action} [{step.split(' ', 1)[1]}]" if each.action else f"[{step}]"


def _colocation(said: dict[str, Plain], element: Colocation, writer: Writer) -> Plain:
    extra = ("influence", "node-attribute")
    if "sets" in said and said["score"] == "INFINITY":
        del said["score"]
    if not {"resource", "with"} <= said.keys() <= {"resource", "with", "role", "with-role", "score", *extra}:
        return said
    line = f"{_actor(said, 'role', 'resource')} with {_actor(said, 'with-role', 'with')}"
    score = said["score"]
    words = ["no score"] if score is None else [] if score == "INFINITY" else [str(score)]
    return _with_options(line, words, said, extra)


def _actor(said: dict[str, Plain], role: str, name: str) -> str:
    return f"{said[role]} {_name(said[name])}" if role in said else _name(said[name])


def _location(said: dict[str, Plain], element: Location, writer: Writer) -> Plain:
    if {"resource", "node", "score"} <= said.keys() <= {"resource", "node", "score", "role", "discovery"}:
        actor, node, score = _actor(said, "role", "resource"), _name(said["node"]), str(said["score"])
        if score == "-INFINITY":
            return _with_options(f"{actor} avoids {node}", [], said, ("discovery",))
        words = [] if score == "INFINITY" else [score]
        return _with_options(f"{actor} on {node}", words, said, ("discovery",))
    if len(element.sets) == 1 and isinstance(said.get("sets"), list) and isinstance(said["sets"], list):
        (only,) = said["sets"]
        if isinstance(only, list):
            said = {"resources": _members(element.sets[0], only, writer), **said}
            del said["sets"]
    if len(element.rules) == 1 and "score" not in said and "node" not in said:
        said = _with_rule(said, element, writer)
    order = ("resource", "resources", "pattern", "role", "node", "where", "score", "score-attribute")
    return {**{key: said[key] for key in order if key in said}, **said}


def _members(each: ResourceSet, names: list[Plain], writer: Writer) -> Plain:
    ids = [member.id for member in each.members]
    everything = len(ids) > 1 and len(set(ids)) == len(ids) and frozenset(ids) == writer.services
    return "*" if everything else names


def _with_rule(said: dict[str, Plain], element: Location, writer: Writer) -> dict[str, Plain]:
    """Lift the one rule's line and score into the constraint."""
    spec = next(spec for spec in layout(Location).children if spec.field == "rules")
    rule = encode_rule(spec, element.rules[0], writer)
    if not isinstance(rule, dict) or not {"where"} <= rule.keys() <= {"where", "score", "score-attribute"}:
        return said
    default = "0" if said.get("discovery") == "exclusive" else "INFINITY"
    if rule.get("score") == default:
        del rule["score"]
    elif "score" not in rule and "score-attribute" not in rule:
        return said
    rest = {key: value for key, value in said.items() if key != "rules"}
    return {**rest, **rule}


def _ticket(said: dict[str, Plain], element: Ticket, writer: Writer) -> Plain:
    if not {"resource", "ticket"} <= said.keys() <= {"resource", "ticket", "role", "loss-policy"}:
        return said
    words = [str(said["loss-policy"])] if "loss-policy" in said else []
    return _with_options(f"{_actor(said, 'role', 'resource')} needs {_name(said['ticket'])}", words, said, ())


_WORDS: dict[type[Element], Any] = {
    Order: _order,
    Colocation: _colocation,
    Location: _location,
    Ticket: _ticket,
}
