"""The effects of a plan, put together: what happens by itself, and under it what follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import DANGEROUS, INTERRUPTING, VERBS, Cause, Effect
from pacemaker_os.render.plan.titles import title
from pacemaker_os.render.terminal import elided
from pacemaker_os.text import fold

#: How those who follow because of an order could be spared.
_SPARED = " (their order is mandatory; an optional one would spare them)"

#: What effects must have in common to be told together: rank and verb, blocked or not, and why.
_Alike = tuple[int, str, bool, str]

#: How long a name in a cause may be: the ids of constraints grow with what they name.
_ID = 40


@dataclass(frozen=True, slots=True)
class Row:
    """What is told in one line: the same happens to these services on the same nodes, for one reason."""

    verb: str
    services: tuple[str, ...]
    where: str
    because: str
    origin: str
    blocked: bool

    @property
    def style(self) -> str:
        """The style of what clients miss, of what they notice, and of what they do not."""
        if self.verb in DANGEROUS:
            return "danger"
        return "warning" if self.verb in INTERRUPTING else "good"

    @property
    def names(self) -> str:
        """The services, as a list."""
        return fold(self.services) if self.verb == "fence" else ", ".join(self.services)

    def text(self, column: int) -> str:
        """Services and nodes: of several services the nodes come first, lest they be lost behind a list."""
        if len(self.services) > 1 and self.verb != "fence":
            return f"{self.where}: {self.names}" if self.where else self.names
        return f"{self.names:<{column}}  {self.where}".rstrip()


@dataclass(frozen=True, slots=True)
class Block:
    """What one change leads to: by itself, and to those who follow.

    `ordered`: they are restarted where they are, for nothing but an order of a constraint.
    """

    rows: tuple[Row, ...]
    followers: tuple[Row, ...]
    ordered: bool = False

    @property
    def following(self) -> str:
        """How many follow, and how they could be spared."""
        count = len({name for row in self.followers for name in row.services})
        return f"{count} more {'follow' if count > 1 else 'follows'}{_SPARED if self.ordered else ''}"


def blocks(plan: Plan, effects: Iterable[Effect]) -> list[Block]:
    """Effects of a plan by the change behind them, what hurts most first, in words of documents."""
    return _by_change(_in_words(plan, effects), plan.names)


def _by_change(effects: Sequence[Effect], names: Mapping[str, str]) -> list[Block]:
    leading = {each.cause.change for each in effects if each.cause.triggered_by}
    direct: dict[str, list[Effect]] = {}
    followers: dict[str, list[Effect]] = {}
    for effect in effects:
        cause = effect.cause
        called = names.get(effect.service, effect.service)
        if cause.triggered_by:
            followers.setdefault(cause.change, []).append(effect)
        elif cause.change in leading or not _comes_or_goes(effect, called):
            direct.setdefault(cause.change or cause.text, []).append(effect)
        else:
            # Whatever comes, or goes, does so for one reason: that somebody wants it.
            direct.setdefault(_comes_or_goes(effect, called), []).append(effect)
    # What follows something to which nothing happens is told as if it were by itself, with its cause.
    found = [
        Block(_rows(direct[key], names), _rows(map(_unexplained, behind), names), _ordered(behind))
        if key in direct
        else Block(_rows(behind, names), ())
        for key, behind in ((key, followers.get(key, [])) for key in dict.fromkeys([*direct, *followers]))
    ]
    return sorted(found, key=lambda block: min(_rank(row.verb) for row in (*block.rows, *block.followers)))


def _unexplained(effect: Effect) -> Effect:
    return replace(effect, cause=Cause())


def _comes_or_goes(effect: Effect, called: str) -> str:
    """Whether the service itself is what is added or removed."""
    return {f"{called} added": "new", f"{called} removed": "removed"}.get(effect.cause.text, "")


def _rank(verb: str) -> int:
    return VERBS.index(verb) if verb in VERBS else len(VERBS)


def _in_words(plan: Plan, effects: Iterable[Effect]) -> list[Effect]:
    """Effects whose causes call constraints what they say, not by ids that nobody chose."""
    wanted = {effect.cause.change for effect in effects}
    constraints = {
        each.key: (f"{each.kind} {each.name}", f"{each.kind} {title(each, plan.names)}")
        for each in plan.object_changes
        if each.section == "constraints" and each.key in wanted
    }
    found = []
    for effect in effects:
        old, new = constraints.get(effect.cause.change, ("", ""))
        text = effect.cause.text.replace(old, new, 1) if old else effect.cause.text
        found.append(replace(effect, cause=replace(effect.cause, text=text)))
    return found


def _ordered(followers: Sequence[Effect]) -> bool:
    """Whether those who follow are restarted, and by orders that could be optional."""
    behind = {effect.resource.split(":")[0] for effect in followers}
    # Who follows one of them, in a group for example, is spared with it.
    first = [effect.cause.text for effect in followers if effect.cause.triggered_by not in behind]
    bound = all("(" in text and "(group " not in text for text in first)
    return bool(first) and bound and all(effect.verb == "restart" for effect in followers)


def _rows(effects: Iterable[Effect], names: Mapping[str, str]) -> tuple[Row, ...]:
    """Services to which the same happens on the same nodes for the same reason, put together."""
    services: dict[tuple[_Alike, str], list[Effect]] = {}
    origins: dict[str, set[str]] = {}
    for effect in effects:
        called = names.get(effect.service, effect.service)
        because = _comes_or_goes(effect, called) or effect.cause.text
        alike = (_rank(effect.verb), effect.verb, effect.blocked, because)
        services.setdefault((alike, called), []).append(effect)
        origins.setdefault(because, set()).add(effect.cause.origin)
    rows: dict[tuple[_Alike, str], list[str]] = {}
    for (alike, called), found in services.items():
        rows.setdefault((alike, _where(found)), []).append(f"{called}{_members(called, found)}")
    return tuple(
        Row(verb, tuple(sorted(together)), where, _elided(because), _common(origins[because]), blocked)
        for ((_, verb, blocked, because), where), together in sorted(
            rows.items(), key=lambda row: row[0][0][0]
        )
    )


def _members(called: str, effects: Iterable[Effect]) -> str:
    """Of a group, to which of its members it happens; what a bundle consists of is nobody's business."""
    members = dict.fromkeys(
        effect.resource.split(":")[0] for effect in effects if effect.resource != effect.service
    )
    inside = [name for name in members if name != called and not name.startswith(f"{called}-")]
    return f" ({', '.join(inside)})" if inside else ""


def _elided(because: str) -> str:
    return " ".join(elided(word, _ID) for word in because.split(" "))


def _common(origins: Collection[str]) -> str:
    """The place that several things have in common: the same line, or the same file."""
    if len(origins) > 1:
        origins = {origin.split(":")[0] for origin in origins}
    return next(iter(origins)) if len(origins) == 1 else ""


def _where(effects: Iterable[Effect]) -> str:
    """The nodes on which something happens, and the ways that something moves."""
    effects = list(effects)
    if effects[0].verb == "fence":
        return f"({effects[0].role})" if effects[0].role else ""
    moved = [each for each in effects if each.source and each.node and each.source != each.node]
    ways = sorted({f"{each.source} -> {each.node}" for each in moved})
    there = fold({each.node or each.source for each in effects if each not in moved} - {""})
    return ", ".join([*ways, *([there] if there else [])])
