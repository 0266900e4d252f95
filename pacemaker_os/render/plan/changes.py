"""What a plan writes, for people: a line an object, and one for many that are alike and new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from posixpath import commonprefix
from typing import TYPE_CHECKING

from pacemaker_os.cib.tree.document_names import place_name
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.document.difference import Difference
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.titles import title
from pacemaker_os.render.terminal import line, wrapped
from pacemaker_os.secret import Secret
from pacemaker_os.text import fold

if TYPE_CHECKING:
    from rich.text import Text

SIGNS = {"add": "+", "change": "~", "remove": "-"}

#: Names of values that are not shown, whether or not the document calls them secrets.
_TELLTALE = re.compile(r"passw|secret|token|cookie", re.IGNORECASE)

#: Kinds of operations that set a single value.
_VALUES = ("property", "resource default", "operation default")

#: How many new objects of a kind get a line each; more are told together.
_EACH = 6

#: How long a value may be on a line.
_VALUE = 30

#: How much is shown before the place where two long values part.
_BEFORE = 6


def change_lines(plan: Plan, width: int) -> Iterator[Text]:
    """Yield the lines of everything that is written."""
    yield from _extra_lines(plan)
    interrupting = {effect.cause.change for effect in plan.effects if effect.interrupts}
    folded = False
    for (_, kind), alike in groupby(_sorted(plan.object_changes), key=lambda each: (each.action, each.kind)):
        operations = list(alike)
        if operations[0].action == "add" and operations[0].section == "nodes":
            yield from _node_lines(operations, width)
        elif operations[0].action == "add" and kind not in _VALUES and len(operations) > _EACH:
            folded = True
            told = {effect.service for effect in plan.effects}
            # What is named among the effects is not named again.
            unseen = [each for each in operations if each.name not in told]
            yield from _together(operations, unseen, plan.names, width)
        else:
            for operation in operations:
                quiet = plan.predicted and operation.key not in interrupting
                yield from _operation_lines(operation, plan.names, width, quiet=quiet)
    if folded:
        yield line(("    (each by itself: --json, or as commands of pcs: --format pcs)", "quiet"))


def _sorted(operations: Sequence[ConfigChange]) -> list[ConfigChange]:
    """Those of a kind together, each kind where its first one stands."""
    places: dict[tuple[str, str], int] = {}
    for number, operation in enumerate(operations):
        places.setdefault((operation.action, operation.kind), number)
    return sorted(operations, key=lambda each: places[each.action, each.kind])


def _extra_lines(plan: Plan) -> Iterator[Text]:
    """What is written apart from objects of the configuration."""
    if plan.upgrade is not None:
        yield line(("  ~ schema  ", ""), (f"{plan.upgrade.old} -> {plan.upgrade.new}", "name"))
        for words in plan.upgrade.rewritten:
            yield line((f"      {words}  ", ""), ("in the new schema's words", "quiet"))
    for secret in plan.secrets_to_write:
        yield line(
            ("  ~ secret ", ""),
            (secret.secret, "name"),
            (f"  {secret.resource} {secret.parameter}, on {fold(secret.nodes)}", ""),
        )


def _node_lines(operations: Sequence[ConfigChange], width: int) -> Iterator[Text]:
    """What nodes are newly told, nodes that are told the same together."""
    nodes: dict[tuple[str, str, str], list[str]] = {}
    for operation in operations:
        node, _, name = operation.name.partition(" ")
        nodes.setdefault((operation.kind, name, _values(operation)), []).append(node)
    for (kind, name, value), told in nodes.items():
        said = f"{fold(told)} {name}".rstrip()
        yield from _laid(f"  + {kind} ", [(said, "name"), (f"  {value}".rstrip(), "")], width)


def _together(
    operations: Sequence[ConfigChange], unseen: Sequence[ConfigChange], names: Mapping[str, str], width: int
) -> Iterator[Text]:
    """Many new objects of a kind; the names of constraints would say less than their number."""
    first = operations[0]
    yield line((f"  + {len(operations)} {first.kind}s", ""))
    if first.section == "resources" and unseen:
        for each in wrapped(", ".join(title(operation, names) for operation in unseen), width - 6):
            yield line((f"      {each}", "name"))


def _operation_lines(
    operation: ConfigChange, names: Mapping[str, str], width: int, *, quiet: bool
) -> Iterator[Text]:
    """What is written of one object; `quiet`: nobody notices."""
    pieces = [(title(operation, names), "name")]
    if operation.action == "change" and quiet:
        pieces.append(("  (no interruption)", "quiet"))
    single = operation.kind in _VALUES or operation.section == "nodes"
    if single:
        pieces.append((f"  {_values(operation)}", ""))
    elif operation.action == "add":
        pieces.append((f"  {_what(operation)}".rstrip(), "quiet"))
    yield from _laid(f"  {SIGNS[operation.action]} {operation.kind} ", pieces, width)
    if operation.action == "change" and not single:
        yield from _detail_lines(operation, names)


def _laid(head: str, pieces: Iterable[tuple[str, str]], width: int) -> Iterator[Text]:
    """Pieces behind a head, on one line or, where they are too long for that, on several."""
    found = list(pieces)
    if len(head) + sum(len(text) for text, _ in found) <= width:
        yield line((head, ""), *found)
        return
    (name, style), *rest = found
    first, *more = wrapped(name, width - len(head))
    yield line((head, ""), (first, style))
    for each in more:
        yield line((f"      {each}", style))
    for text, quiet in rest:
        for each in wrapped(text.strip(), width - 6) if text else []:
            yield line((f"      {each}", quiet))


def _detail_lines(operation: ConfigChange, names: Mapping[str, str]) -> Iterator[Text]:
    told = [(place_name(operation.name, each.path, names)[1], each) for each in operation.details]
    paths = min(max((len(path) for path, _ in told), default=0), 34)
    for path, each in told:
        change = _masked(each) if _TELLTALE.search(each.path) else _change(each.old, each.new)
        yield line((f"      {path:<{paths}}  ", ""), (change, ""))


def _what(operation: ConfigChange) -> str:
    """Of a resource, its agent or its members."""
    element = from_text(operation.new or "<nothing/>")
    if operation.section != "resources":
        return ""
    primitives = list(element.iter("primitive", "template"))
    if len(primitives) == 1 and element.tag != "group":
        return ":".join(filter(None, (primitives[0].get(name) for name in ("class", "provider", "type"))))
    return "of " + " ".join(str(each.get("id")) for each in primitives)


def _values(operation: ConfigChange) -> str:
    if not operation.details:
        return ""
    detail = operation.details[0]
    if operation.action == "change":
        return _change(detail.old, detail.new)
    return _short(detail.new if operation.action == "add" else detail.old)


def _masked(change: Difference) -> str:
    """A change of what is called like a password, though nobody said that it is a secret."""
    return " -> ".join(str(Secret(value)) if value else _short(value) for value in (change.old, change.new))


def _short(value: str | None) -> str:
    if value is None:
        return "(none)"
    return value if len(value) <= _VALUE else f"{value[: _VALUE - 1]}…"


def _change(old: str | None, new: str | None) -> str:
    """Both values; of long ones the part in which they differ, and a little before it."""
    if old is not None and new is not None and max(len(old), len(new)) > _VALUE:
        start = len(commonprefix([old, new])) - _BEFORE
        if start > 0:
            old, new = f"…{old[start:]}", f"…{new[start:]}"
    return f"{_short(old)} -> {_short(new)}"
