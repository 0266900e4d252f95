"""A plan for people: what will happen first, then what will be written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.changes import change_lines
from pacemaker_os.render.plan.effects import effect_lines, effect_summary
from pacemaker_os.render.terminal import counted, line, open_console, wrapped
from pacemaker_os.text import abbreviate

if TYPE_CHECKING:
    from rich.text import Text

#: How many names are listed before the rest is counted.
_LISTED = 6

_DONE = {"add": "to add", "change": "to change", "remove": "to remove"}


def print_plan(plan: Plan, *, color: bool | None = None) -> None:
    """Print a plan to standard output."""
    console = open_console(color=color)
    # All at once: a console lays out each print anew, which costs more than the lines themselves.
    console.print(*plan_lines(plan, console.width), sep="\n")


def plan_lines(plan: Plan, width: int) -> Iterator[Text]:
    """Yield the lines of a plan, laid out for `width` columns; a command to type may be longer."""
    state = _state(plan)
    gap = "  " if len(plan.cluster) + len(state) + 10 <= width else "\n  "
    yield line(("Cluster ", ""), (plan.cluster, "name"), (f"{gap}{state}", "quiet"))
    writes = bool(plan.object_changes or plan.upgrade or plan.secrets_to_write)
    if plan.predicted and (plan.effects or writes):
        yield line()
        yield line(("What will happen", "title"))
        yield from effect_lines(plan, plan.effects, width)
        if not plan.effects:
            yield line(("  nothing: no service is touched", "good"))
        elif plan.unaffected:
            yield line((f"    {plan.unaffected} running services are not touched", "quiet"))
    if writes:
        yield line()
        yield line(("What will be written", "title"))
        yield from change_lines(plan, width)
    if plan.pending:
        yield line()
        yield line(("Pending already, not caused by this plan", "title"))
        yield from effect_lines(plan, plan.pending, width)
    yield line()
    yield from _remarks(plan, width)
    yield from _summary(plan)


def _state(plan: Plan) -> str:
    words = [f"CIB {plan.base}"]
    if plan.nodes:
        words.append(f"{plan.nodes_online} of {plan.nodes} nodes online")
        words.append("quorum" if plan.quorum else "no quorum")
    return f"({', '.join(words)})"


def _remarks(plan: Plan, width: int) -> Iterator[Text]:
    """What the plan leaves alone, and what is not known."""
    for text, style in _sentences(plan):
        for each in text.splitlines():
            # What is indented is a command, to be copied as it is.
            for part in [each] if each.startswith("  ") else wrapped(each, width):
                yield line((part, style))


def _sentences(plan: Plan) -> Iterator[tuple[str, str]]:
    for note in plan.notes:
        yield f"Note: {note}.", "warning"
    if plan.fully_interrupted:
        nowhere = abbreviate([plan.names.get(name, name) for name in plan.fully_interrupted], _LISTED)
        yield f"Note: on all nodes at once, so that none serves meanwhile: {nowhere}.", "warning"
    if plan.stop_before_removal:
        names = [plan.names.get(name, name) for name in plan.stop_before_removal]
        yield f"Stopped first, in their order, and then removed: {abbreviate(names, _LISTED)}.", "quiet"
    if restart_required := [secret.resource for secret in plan.secrets if secret.restart_required]:
        readers = abbreviate(dict.fromkeys(restart_required), _LISTED)
        words = f"{readers} reads a new secret when it starts again, not before"
        command = f"crm_resource --restart --resource {restart_required[0]}"
        yield f"Note: {words}; restart it after the apply, as with:\n  {command}", "warning"
    if rest := [f"{each.resource} {each.parameter}" for each in plan.secrets if not each.nodes]:
        yield f"Secrets, kept on the nodes apart from the CIB: {abbreviate(rest, _LISTED)}.", "quiet"
    if plan.overrides:
        yield f"Left as an operator put it: {abbreviate(plan.overrides, _LISTED)}.", "quiet"
    if plan.unowned:
        ids = [key.partition(":")[2] for key in plan.unowned]
        names = [plan.names.get(name, name) for name in ids]
        yield f"In the cluster and in no document, left alone: {abbreviate(names, _LISTED)}.", "quiet"
    for name, count in plan.owned_by_others.items():
        yield f"Left alone, of the document {name}: {count}.", "quiet"


def _summary(plan: Plan) -> Iterator[Text]:
    if not (plan.object_changes or plan.upgrade or plan.secrets_to_write):
        remembered = "; who owns what will be remembered" if plan.changes else ""
        yield line((f"Nothing to do: the cluster is as {plan.document} says{remembered}.", "good"))
        return
    words = [f"{count} {_DONE[action]}" for action, count in plan.counts().items() if plan.object_changes]
    words += ["a newer schema"] if plan.upgrade else []
    words += [f"{counted(len(plan.secrets_to_write), 'secret')} to bring"] if plan.secrets_to_write else []
    yield line(("Plan:   ", "title"), (f"{', '.join(words)}.", ""))
    if plan.predicted:
        yield line(("Effect: ", "title"), (f"{effect_summary(plan.effects)}.", ""))
