"""The predicted effects of a plan as text: one line per row, with its cause next to it or below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import INTERRUPTING, VERBS, Effect, verb_label
from pacemaker_os.render.plan.effect_blocks import Row, blocks
from pacemaker_os.render.terminal import Line, line, wrap_text

#: Maximum width of the column of service names, before the nodes.
_MAX_COLUMN = 28


def effect_lines(plan: Plan, effects: Sequence[Effect], width: int) -> Iterator[Line]:
    """Yield the lines of effects, the most disruptive first, with the names of documents."""
    found = blocks(plan, effects)
    rows = [row for block in found for row in block.rows]
    single = [len(row.names) for row in rows if len(row.services) == 1]
    column = max((length for length in single if length <= _MAX_COLUMN), default=0)
    verbs = max((len(row.label) for row in rows), default=0)
    for block in found:
        yield from _row_lines(block.rows, "  ", verbs, column, width)
        if block.triggered_rows:
            for each in wrap_text(f"{block.triggered}:", width - 4):
                yield line((f"    {each}", "quiet"))
            own = max(len(row.label) for row in block.triggered_rows)
            yield from _row_lines(block.triggered_rows, "    ", own, 0, width)


def _row_lines(rows: Sequence[Row], indent: str, verbs: int, column: int, width: int) -> Iterator[Line]:
    """Yield the lines of rows; a cause that several rows share is below the last of them."""
    for number, (row, after) in enumerate(zip(rows, [*rows[1:], None], strict=True)):
        head = f"{indent}{_sign(row.verb)} {row.label:<{verbs}}  "
        blocked = "  (blocked)" if row.blocked else ""
        available = width - len(head)
        text = row.text(column)
        fits = len(text) + len(blocked) <= available
        lines = [text] if fits else wrap_text(text, available - len(blocked))
        before = rows[number - 1] if number else None
        shared = before is not None and (before.cause, before.origin) == (row.cause, row.origin)
        same = after is not None and (after.cause, after.origin) == (row.cause, row.origin)
        cause = "" if same else "  ".join(filter(None, (row.cause, row.origin)))
        length = len(lines[0]) + len(blocked) + 3 + len(cause)
        inline = len(lines) == 1 and not shared and length <= available
        pieces = [(head, row.style), (lines[0], "")]
        if len(lines) == 1:
            pieces.append((blocked, "critical"))
        if cause and inline:
            pieces.append((f"   {cause}", "quiet"))
        yield line(*pieces)
        pad = " " * len(head)
        for each in lines[1:]:
            yield line((f"{pad}{each}", ""), (blocked if each is lines[-1] else "", "critical"))
        if cause and not inline:
            for each in wrap_text(cause, available):
                yield line((f"{pad}{each}", "quiet"))


def _sign(verb: str) -> str:
    if verb in INTERRUPTING:
        return "!"
    return {"migrate": ">", "reload": "~"}.get(verb, "+")


def effect_summary(effects: Iterable[Effect]) -> str:
    """Return the number of effects of each kind; interruptions are listed even if there are none."""
    found = Counter(effect.verb for effect in effects)
    always = ("restart", "move", "stop", "fence")
    return ", ".join(f"{found[verb]} {verb_label(verb)}" for verb in VERBS if found[verb] or verb in always)
