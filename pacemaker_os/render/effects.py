"""The effects of a plan for people: a line for what happens to one service for one reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacemaker_os.plan.effects import DANGEROUS, INTERRUPTING, VERBS, Cause, Effect
from pacemaker_os.render.terminal import line

if TYPE_CHECKING:
    from rich.text import Text


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
        yield line(*pieces)
        if because and length + len(because) + 3 > width:
            yield line((f"{' ' * len(head)}{because}", "quiet"))


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


def effect_summary(effects: Iterable[Effect]) -> str:
    """Count the verbs, with the ones that people ask for even when there are none."""
    found = Counter(effect.verb for effect in effects)
    asked = ("restart", "move", "stop", "fence")
    return ", ".join(f"{found[verb]} {verb}" for verb in VERBS if found[verb] or verb in asked)
