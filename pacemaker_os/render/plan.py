"""A plan for people: what will happen first, then what will be written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacemaker_os.cib.difference import Difference
from pacemaker_os.plan.effects import DANGEROUS, INTERRUPTING, VERBS, Cause, Effect
from pacemaker_os.plan.operation import Operation
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.text import from_text
from pacemaker_os.render.terminal import open_console
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
    yield _line(("Cluster ", ""), (plan.cluster, "name"), (f"{gap}{state}", "quiet"))
    if plan.foretold and (plan.effects or plan.changes):
        yield _line()
        yield _line(("What will happen", "title"))
        yield from effect_lines(plan.effects, width)
        if not plan.effects:
            yield _line(("  nothing: no service is touched", "good"))
        elif plan.untouched:
            yield _line((f"    {plan.untouched} running services are not touched", "quiet"))
    if plan.changes:
        yield _line()
        yield _line(("What will be written", "title"))
        for operation in plan.changes:
            yield from _operation_lines(plan, operation, width)
    if plan.pending:
        yield _line()
        yield _line(("Pending already, not caused by this plan", "title"))
        yield from effect_lines(plan.pending, width)
    yield _line()
    yield from _remarks(plan)
    yield from _summary(plan)


def _line(*pieces: tuple[str, str]) -> Text:
    from rich.text import Text

    return Text.assemble(*pieces)


def _state(plan: Plan) -> str:
    words = [f"CIB {plan.base}"]
    if plan.nodes:
        words.append(f"{plan.nodes_online} of {plan.nodes} nodes online")
        words.append("quorum" if plan.quorum else "no quorum")
    return f"({', '.join(words)})"


@dataclass(frozen=True, slots=True)
class _Row:
    """Effects that are told in one line: the same verb, service and cause."""

    verb: str
    service: str
    where: str
    cause: Cause
    blocked: bool


def effect_lines(effects: Sequence[Effect], width: int) -> Iterator[Text]:
    """Yield a line an effect, or two where one would be too long."""
    rows = list(_rows(effects))
    if not rows:
        return
    verbs = max(len(row.verb) for row in rows)
    services = min(max(len(row.service) for row in rows), 28)
    for row in rows:
        style = _style(row)
        head = f"  {_sign(row.verb)} {row.verb:<{verbs}}  "
        what = f"{row.service:<{services}}  {row.where}".rstrip()
        text = "new" if row.cause.text == f"{row.service} added" else row.cause.text
        because = f"{text}{'  ' if row.cause.origin else ''}{row.cause.origin}"
        blocked = "  (blocked)" if row.blocked else ""
        pieces = [(head, style), (what, ""), (blocked, "danger")]
        length = len(head) + len(what) + len(blocked)
        if because and length + len(because) + 3 <= width:
            pieces.append((f"   {because}", "quiet"))
        yield _line(*pieces)
        if because and length + len(because) + 3 > width:
            yield _line((f"{' ' * len(head)}{because}", "quiet"))


def _style(row: _Row) -> str:
    if row.verb in DANGEROUS:
        return "danger"
    return "warning" if row.verb in INTERRUPTING else "good"


def _sign(verb: str) -> str:
    if verb in INTERRUPTING:
        return "!"
    return {"migrate": ">", "reload": "~"}.get(verb, "+")


def _rows(effects: Iterable[Effect]) -> Iterator[_Row]:
    """Effects put together line by line, in the order in which they hurt."""
    groups: dict[tuple[int, str, str, Cause, bool], list[Effect]] = {}
    for effect in effects:
        rank = VERBS.index(effect.verb) if effect.verb in VERBS else len(VERBS)
        key = (rank, effect.verb, effect.service, effect.cause, effect.blocked)
        groups.setdefault(key, []).append(effect)
    for (_, verb, service, cause, blocked), found in sorted(groups.items(), key=lambda group: group[0][0]):
        where = " ".join(sorted({_where(effect) for effect in found}))
        yield _Row(verb, service, where, cause, blocked)


def _where(effect: Effect) -> str:
    if effect.verb == "fence":
        return f"({effect.role})" if effect.role else ""
    if effect.source and effect.node and effect.source != effect.node:
        return f"{effect.source} -> {effect.node}"
    return effect.node or effect.source


def _operation_lines(plan: Plan, operation: Operation, width: int) -> Iterator[Text]:
    sign, interrupts = SIGNS[operation.action], _interrupts(plan, operation)
    head = f"  {sign} {operation.kind} "
    pieces = [(head, ""), (operation.name, "name")]
    if operation.action == "change" and plan.foretold and not interrupts:
        pieces.append(("  (no interruption)", "quiet"))
    if (
        operation.kind in ("property", "resource default", "operation default")
        or operation.section == "nodes"
    ):
        pieces.append((f"  {_values(operation)}", ""))
        yield _line(*pieces)
        return
    elif operation.action == "add":
        pieces.append((f"  {_what(operation)}".rstrip(), "quiet"))
    yield _line(*pieces)
    if operation.action != "change":
        return
    paths = min(max((len(each.path) for each in operation.details), default=0), 34)
    for each in operation.details:
        change = _masked(each) if _TELLTALE.search(each.path) else f"{_short(each.old)} -> {_short(each.new)}"
        yield _line((f"      {each.path:<{paths}}  ", ""), (change, ""))


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
        return f"{_short(detail.old)} -> {_short(detail.new)}"
    return _short(detail.new if operation.action == "add" else detail.old)


def _masked(change: Difference) -> str:
    """A change of what is called like a password, though nobody said that it is a secret."""
    return " -> ".join(str(Secret(value)) if value else _short(value) for value in (change.old, change.new))


def _short(value: str | None) -> str:
    if value is None:
        return "(none)"
    return value if len(value) <= _VALUE else f"{value[: _VALUE - 1]}…"


def _interrupts(plan: Plan, operation: Operation) -> bool:
    return any(effect.interrupts and effect.cause.operation == operation.key for effect in plan.effects)


def _remarks(plan: Plan) -> Iterator[Text]:
    """What the plan leaves alone, and what is not known."""
    for note in plan.notes:
        yield _line((f"Note: {note}.", "warning"))
    if plan.secrets:
        names = [f"{resource} {parameter}" for resource, parameter, _ in plan.secrets]
        yield _line((f"Secrets, brought to the nodes apart from the CIB: {_listed(names)}.", "quiet"))
    if plan.kept:
        yield _line((f"Left as an operator put it: {_listed(plan.kept)}.", "quiet"))
    if plan.unowned:
        names = [key.partition(":")[2] for key in plan.unowned]
        yield _line((f"In the cluster and in no document, left alone: {_listed(names)}.", "quiet"))
    for name, count in plan.others.items():
        yield _line((f"Left alone, of the document {name}: {count}.", "quiet"))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"


def _summary(plan: Plan) -> Iterator[Text]:
    if not plan.changes:
        remembered = "; who owns what will be remembered" if plan.operations else ""
        yield _line((f"Nothing to do: the cluster is as {plan.document} says{remembered}.", "good"))
        return
    counts = ", ".join(f"{count} {_DONE[action]}" for action, count in plan.counts().items())
    yield _line(("Plan:   ", "title"), (f"{counts}.", ""))
    if plan.foretold:
        yield _line(("Effect: ", "title"), (f"{effect_summary(plan.effects)}.", ""))


def effect_summary(effects: Iterable[Effect]) -> str:
    """Count the verbs, with the ones that people ask for even when there are none."""
    found = Counter(effect.verb for effect in effects)
    asked = ("restart", "move", "stop", "fence")
    return ", ".join(f"{found[verb]} {verb}" for verb in VERBS if found[verb] or verb in asked)
