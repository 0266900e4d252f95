"""A plan for people: what will happen first, then what will be written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import commonprefix
from typing import TYPE_CHECKING

from pacemaker_os.cib.difference import Difference
from pacemaker_os.plan.operation import Operation
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.text import from_text
from pacemaker_os.render.effects import effect_lines, effect_summary
from pacemaker_os.render.terminal import counted, line, open_console
from pacemaker_os.secret import Secret

if TYPE_CHECKING:
    from rich.text import Text

SIGNS = {"add": "+", "change": "~", "remove": "-"}

#: Names of values that are not shown, whether or not the document calls them secrets.
_TELLTALE = re.compile(r"passw|secret|token|cookie", re.IGNORECASE)

#: How many names are listed before the rest is counted.
_LISTED = 6

#: How long a value may be on a line.
_VALUE = 30

#: How much is shown before the place where two long values part.
_BEFORE = 6

_DONE = {"add": "to add", "change": "to change", "remove": "to remove"}


def print_plan(plan: Plan, *, color: bool | None = None) -> None:
    """Print a plan to standard output."""
    console = open_console(color=color)
    # All at once: a console lays out each print anew, which costs more than the lines themselves.
    console.print(*plan_lines(plan, console.width), sep="\n")


def plan_lines(plan: Plan, width: int) -> Iterator[Text]:
    """Yield the lines of a plan, laid out for `width` columns."""
    state = _state(plan)
    gap = "  " if len(plan.cluster) + len(state) + 10 <= width else "\n  "
    yield line(("Cluster ", ""), (plan.cluster, "name"), (f"{gap}{state}", "quiet"))
    writes = bool(plan.changes or plan.upgrade or plan.brought)
    if plan.foretold and (plan.effects or writes):
        yield line()
        yield line(("What will happen", "title"))
        yield from effect_lines(plan.effects, width)
        if not plan.effects:
            yield line(("  nothing: no service is touched", "good"))
        elif plan.untouched:
            yield line((f"    {plan.untouched} running services are not touched", "quiet"))
    if writes:
        yield line()
        yield line(("What will be written", "title"))
        yield from _extra_lines(plan)
        interrupting = {effect.cause.operation for effect in plan.effects if effect.interrupts}
        for operation in plan.changes:
            yield from _operation_lines(operation, quiet=plan.foretold and operation.key not in interrupting)
    if plan.pending:
        yield line()
        yield line(("Pending already, not caused by this plan", "title"))
        yield from effect_lines(plan.pending, width)
    yield line()
    yield from _remarks(plan)
    yield from _summary(plan)


def _state(plan: Plan) -> str:
    words = [f"CIB {plan.base}"]
    if plan.nodes:
        words.append(f"{plan.nodes_online} of {plan.nodes} nodes online")
        words.append("quorum" if plan.quorum else "no quorum")
    return f"({', '.join(words)})"


def _extra_lines(plan: Plan) -> Iterator[Text]:
    """What is written apart from objects of the configuration."""
    if plan.upgrade is not None:
        yield line(("  ~ schema  ", ""), (f"{plan.upgrade.old} -> {plan.upgrade.new}", "name"))
        for words in plan.upgrade.rewritten:
            yield line((f"      {words}  ", ""), ("in the new schema's words", "quiet"))
    for secret in plan.brought:
        yield line(
            ("  ~ secret ", ""),
            (secret.secret, "name"),
            (f"  {secret.resource} {secret.parameter}, on {' '.join(secret.nodes)}", ""),
        )


def _operation_lines(operation: Operation, *, quiet: bool) -> Iterator[Text]:
    """What is written of one object; `quiet`: nobody notices."""
    head = f"  {SIGNS[operation.action]} {operation.kind} "
    pieces = [(head, ""), (operation.name, "name")]
    if operation.action == "change" and quiet:
        pieces.append(("  (no interruption)", "quiet"))
    if (
        operation.kind in ("property", "resource default", "operation default")
        or operation.section == "nodes"
    ):
        pieces.append((f"  {_values(operation)}", ""))
        yield line(*pieces)
        return
    elif operation.action == "add":
        pieces.append((f"  {_what(operation)}".rstrip(), "quiet"))
    yield line(*pieces)
    if operation.action != "change":
        return
    paths = min(max((len(each.path) for each in operation.details), default=0), 34)
    for each in operation.details:
        change = _masked(each) if _TELLTALE.search(each.path) else _change(each.old, each.new)
        yield line((f"      {each.path:<{paths}}  ", ""), (change, ""))


def _what(operation: Operation) -> str:
    """Of a resource, its agent or its members."""
    element = from_text(operation.new or "<nothing/>")
    if operation.section != "resources":
        return ""
    if element.tag in ("primitive", "template"):
        return ":".join(filter(None, (element.get(name) for name in ("class", "provider", "type"))))
    return "of " + " ".join(str(each.get("id")) for each in element.iter("primitive"))


def _values(operation: Operation) -> str:
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


def _remarks(plan: Plan) -> Iterator[Text]:
    """What the plan leaves alone, and what is not known."""
    for note in plan.notes:
        yield line((f"Note: {note}.", "warning"))
    if plan.stopped_first:
        words = f"Stopped first, in their order, and then removed: {_listed(plan.stopped_first)}."
        yield line((words, "quiet"))
    if unread := [secret.resource for secret in plan.secrets if secret.unread]:
        restart = f"crm_resource --restart --resource {unread[0]}"
        words = f"{_listed(list(dict.fromkeys(unread)))} reads a new secret when it starts again, not before"
        yield line((f"Note: {words}; restart it after the apply, as with: {restart}.", "warning"))
    if rest := [f"{each.resource} {each.parameter}" for each in plan.secrets if not each.nodes]:
        yield line((f"Secrets, kept on the nodes apart from the CIB: {_listed(rest)}.", "quiet"))
    if plan.kept:
        yield line((f"Left as an operator put it: {_listed(plan.kept)}.", "quiet"))
    if plan.unowned:
        names = [key.partition(":")[2] for key in plan.unowned]
        yield line((f"In the cluster and in no document, left alone: {_listed(names)}.", "quiet"))
    for name, count in plan.others.items():
        yield line((f"Left alone, of the document {name}: {count}.", "quiet"))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"


def _summary(plan: Plan) -> Iterator[Text]:
    if not (plan.changes or plan.upgrade or plan.brought):
        remembered = "; who owns what will be remembered" if plan.operations else ""
        yield line((f"Nothing to do: the cluster is as {plan.document} says{remembered}.", "good"))
        return
    words = [f"{count} {_DONE[action]}" for action, count in plan.counts().items() if plan.changes]
    words += ["a newer schema"] if plan.upgrade else []
    words += [f"{counted(len(plan.brought), 'secret')} to bring"] if plan.brought else []
    yield line(("Plan:   ", "title"), (f"{', '.join(words)}.", ""))
    if plan.foretold:
        yield line(("Effect: ", "title"), (f"{effect_summary(plan.effects)}.", ""))
