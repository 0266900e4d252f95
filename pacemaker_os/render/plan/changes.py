"""The configuration changes of a plan as text: a line per object, or one for many new objects of a kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from posixpath import commonprefix
from typing import TYPE_CHECKING

from pacemaker_os.cib.tree.document_names import name_in_document
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.document.difference import Difference
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.titles import title
from pacemaker_os.render.terminal import Line, line, wrap_text
from pacemaker_os.secret import Secret
from pacemaker_os.text import fold

if TYPE_CHECKING:
    from lxml import etree

SIGNS = {"add": "+", "change": "~", "remove": "-"}

#: Names of values that are masked even if the document does not declare them as secrets.
_SENSITIVE = re.compile(r"passw|secret|token|cookie", re.IGNORECASE)

#: Kinds of changes that set a single value.
_VALUES = ("property", "resource default", "operation default")

#: Number of new objects of a kind that have a line each; more objects share a line.
_MAX_LINES = 6

#: Maximum length of a value in a line.
_MAX_VALUE = 30

#: Number of characters before the first difference of two long values.
_CONTEXT = 6


def change_lines(plan: Plan, width: int) -> Iterator[Line]:
    """Yield the lines of all changes of a plan."""
    yield from _extra_lines(plan)
    interrupting = {effect.cause.change for effect in plan.effects if effect.interrupts}
    folded = False
    for (_, kind), group in groupby(_sorted(plan.object_changes), key=lambda each: (each.action, each.kind)):
        changes = list(group)
        if changes[0].action == "add" and changes[0].section == "nodes":
            yield from _node_lines(changes, width)
        elif changes[0].action == "add" and kind not in _VALUES and len(changes) > _MAX_LINES:
            folded = True
            shown = {effect.service for effect in plan.effects}
            # The predicted effects name these objects already.
            unnamed = [each for each in changes if each.name not in shown]
            yield from _folded_lines(changes, unnamed, plan.names, width)
        else:
            for change in changes:
                quiet = plan.predicted and change.key not in interrupting
                yield from _object_lines(change, plan.names, width, quiet=quiet)
    if folded:
        yield line(("    (to list every object, use --json or --format pcs)", "quiet"))


def _sorted(changes: Sequence[ConfigChange]) -> list[ConfigChange]:
    """Return the changes grouped by action and kind, in the order of the first change of each group."""
    positions: dict[tuple[str, str], int] = {}
    for number, change in enumerate(changes):
        positions.setdefault((change.action, change.kind), number)
    return sorted(changes, key=lambda each: positions[each.action, each.kind])


def _extra_lines(plan: Plan) -> Iterator[Line]:
    """Yield the lines of a schema upgrade and of secrets."""
    if plan.upgrade is not None:
        yield line(("  ~ schema  ", ""), (f"{plan.upgrade.old} -> {plan.upgrade.new}", "name"))
        for name in plan.upgrade.rewritten:
            yield line((f"      {name}  ", ""), ("(converted to the new schema)", "quiet"))
    for secret in plan.secrets_to_write:
        yield line(
            ("  ~ secret ", ""),
            (secret.secret, "name"),
            (f"  {secret.resource} {secret.parameter}, on {fold(secret.nodes)}", ""),
        )


def _node_lines(changes: Sequence[ConfigChange], width: int) -> Iterator[Line]:
    """Yield the lines of new node values; nodes with the same value share a line."""
    nodes: dict[tuple[str, str, str], list[str]] = {}
    for change in changes:
        node, _, name = change.name.partition(" ")
        nodes.setdefault((change.kind, name, _values(change)), []).append(node)
    for (kind, name, value), members in nodes.items():
        subject = f"{fold(members)} {name}".rstrip()
        yield from wrap_pieces(f"  + {kind} ", [(subject, "name"), (f"  {value}".rstrip(), "")], width)


def _folded_lines(
    changes: Sequence[ConfigChange], unnamed: Sequence[ConfigChange], names: Mapping[str, str], width: int
) -> Iterator[Line]:
    """Yield the number of new objects of a kind, and the names of resources that are not shown elsewhere."""
    first = changes[0]
    yield line((f"  + {len(changes)} {first.kind}s", ""))
    if first.section == "resources" and unnamed:
        for each in wrap_text(", ".join(title(change, names) for change in unnamed), width - 6):
            yield line((f"      {each}", "name"))


def _object_lines(
    change: ConfigChange, names: Mapping[str, str], width: int, *, quiet: bool
) -> Iterator[Line]:
    """Yield the lines of one changed object; `quiet`: the change interrupts no service."""
    pieces = [(title(change, names), "name")]
    if change.action == "change" and quiet:
        pieces.append(("  (no interruption)", "quiet"))
    single = change.kind in _VALUES or change.section == "nodes"
    if single:
        pieces.append((f"  {_values(change)}", ""))
    elif change.action == "add":
        pieces.append((f"  {_content(change)}".rstrip(), "quiet"))
    yield from wrap_pieces(f"  {SIGNS[change.action]} {change.kind} ", pieces, width)
    if change.action == "change" and not single:
        yield from _detail_lines(change, names)


def wrap_pieces(head: str, pieces: Iterable[tuple[str, str]], width: int) -> Iterator[Line]:
    """Yield a head and its pieces on one line, or on several lines if they are too long."""
    found = list(pieces)
    if len(head) + sum(len(text) for text, _ in found) <= width:
        yield line((head, ""), *found)
        return
    (name, style), *rest = found
    first, *more = wrap_text(name, width - len(head))
    yield line((head, ""), (first, style))
    for each in more:
        yield line((f"      {each}", style))
    for text, quiet in rest:
        for each in wrap_text(text.strip(), width - 6) if text else []:
            yield line((f"      {each}", quiet))


def _detail_lines(change: ConfigChange, names: Mapping[str, str]) -> Iterator[Line]:
    details = [(name_in_document(change.name, each.path, names)[1], each) for each in _shown(change)]
    paths = min(max((len(path) for path, _ in details), default=0), 34)
    for path, each in details:
        values = _masked(each) if _SENSITIVE.search(each.path) else _old_and_new(each.old, each.new)
        yield line((f"      {path:<{paths}}  ", ""), (values, ""))


def _shown(change: ConfigChange) -> list[Difference]:
    """Return the differences without the content of members that are added or removed."""
    if change.section != "resources" or change.old is None or change.new is None:
        return list(change.details)
    old, new = (_members(from_text(text)) for text in (change.old, change.new))
    moved = set(old) ^ set(new)
    found = [each for each in change.details if not any(f".{member}." in f".{each.path}" for member in moved)]
    if moved and not any(each.path.rpartition(".")[2] == "group" for each in found):
        found.insert(0, Difference("contains", ", ".join(old) or None, ", ".join(new) or None))
    return found


def _members(element: etree._Element) -> list[str]:
    """Return the ids of the resources in an element, without its own."""
    return [str(each.get("id")) for each in element.iterdescendants("primitive", "group")]


def _content(change: ConfigChange) -> str:
    """Return the agent or the members of a resource."""
    element = from_text(change.new or "<nothing/>")
    if change.section != "resources":
        return ""
    primitives = list(element.iter("primitive", "template"))
    if len(primitives) == 1 and element.tag != "group":
        return ":".join(filter(None, (primitives[0].get(name) for name in ("class", "provider", "type"))))
    return "contains " + ", ".join(str(each.get("id")) for each in primitives)


def _values(change: ConfigChange) -> str:
    if not change.details:
        return ""
    detail = change.details[0]
    if change.action == "change":
        return _old_and_new(detail.old, detail.new)
    return _short(detail.new if change.action == "add" else detail.old)


def _masked(change: Difference) -> str:
    """Return both values of a sensitive parameter, masked."""
    return " -> ".join(str(Secret(value)) if value else _short(value) for value in (change.old, change.new))


def _short(value: str | None) -> str:
    if value is None:
        return "(none)"
    return value if len(value) <= _MAX_VALUE else f"{value[: _MAX_VALUE - 1]}…"


def _old_and_new(old: str | None, new: str | None) -> str:
    """Return both values; of long values, the part that differs."""
    if old is not None and new is not None and max(len(old), len(new)) > _MAX_VALUE:
        start = len(commonprefix([old, new])) - _CONTEXT
        if start > 0:
            old, new = f"…{old[start:]}", f"…{new[start:]}"
    return f"{_short(old)} -> {_short(new)}"
