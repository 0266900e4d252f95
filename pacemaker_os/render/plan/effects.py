"""The effects of a plan in the terminal: a line for each row, its cause beside or below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import INTERRUPTING, VERBS, Effect
from pacemaker_os.render.plan.effect_blocks import Row, blocks
from pacemaker_os.render.terminal import line, wrapped

if TYPE_CHECKING:
    from rich.text import Text

#: How wide the names of services may make the column before the nodes.
_COLUMN = 28


def effect_lines(plan: Plan, effects: Sequence[Effect], width: int) -> Iterator[Text]:
    """Yield the lines of effects of a plan, what hurts most first, in words of documents."""
    found = blocks(plan, effects)
    rows = [row for block in found for row in block.rows]
    single = [len(row.names) for row in rows if len(row.services) == 1]
    column = max((length for length in single if length <= _COLUMN), default=0)
    verbs = max((len(row.verb) for row in rows), default=0)
    for block in found:
        yield from _told(block.rows, "  ", verbs, column, width)
        if block.followers:
            for each in wrapped(f"{block.following}:", width - 4):
                yield line((f"    {each}", "quiet"))
            own = max(len(row.verb) for row in block.followers)
            yield from _told(block.followers, "    ", own, 0, width)


def _told(rows: Sequence[Row], indent: str, verbs: int, column: int, width: int) -> Iterator[Text]:
    """Yield the rows, and each cause below the last of its rows."""
    for number, (row, after) in enumerate(zip(rows, [*rows[1:], None], strict=True)):
        head = f"{indent}{_sign(row.verb)} {row.verb:<{verbs}}  "
        blocked = "  (blocked)" if row.blocked else ""
        room = width - len(head)
        whole = row.text(column)
        lines = [whole] if len(whole) + len(blocked) <= room else wrapped(whole, room - len(blocked))
        before = rows[number - 1] if number else None
        shared = before is not None and (before.because, before.origin) == (row.because, row.origin)
        same = after is not None and (after.because, after.origin) == (row.because, row.origin)
        because = "" if same else "  ".join(filter(None, (row.because, row.origin)))
        alone = len(lines) == 1 and not shared and len(lines[0]) + len(blocked) + 3 + len(because) <= room
        pieces = [(head, row.style), (lines[0], "")]
        if len(lines) == 1:
            pieces.append((blocked, "danger"))
        if because and alone:
            pieces.append((f"   {because}", "quiet"))
        yield line(*pieces)
        pad = " " * len(head)
        for each in lines[1:]:
            yield line((f"{pad}{each}", ""), (blocked if each is lines[-1] else "", "danger"))
        if because and not alone:
            for each in wrapped(because, room):
                yield line((f"{pad}{each}", "quiet"))


def _sign(verb: str) -> str:
    if verb in INTERRUPTING:
        return "!"
    return {"migrate": ">", "reload": "~"}.get(verb, "+")


def effect_summary(effects: Iterable[Effect]) -> str:
    """Count the verbs, with the ones that people ask for even when there are none."""
    found = Counter(effect.verb for effect in effects)
    asked = ("restart", "move", "stop", "fence")
    return ", ".join(f"{found[verb]} {verb}" for verb in VERBS if found[verb] or verb in asked)
