"""The predicted effects of a plan, grouped by change: direct effects, and effects that they trigger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.effects import (
    DANGEROUS,
    INTERRUPTING,
    VERBS,
    Cause,
    Effect,
    verb_label,
)
from pacemaker_os.render.plan.titles import title
from pacemaker_os.render.terminal import shorten
from pacemaker_os.text import fold

#: Advice for services that restart only because of a mandatory order.
_ORDER_ADVICE = " (mandatory order; an optional one would avoid this)"

#: The key of effects that share a row: rank, verb, whether they are blocked, and cause.
_Key = tuple[int, str, bool, str]

#: Maximum length of an ID in a cause: IDs of constraints contain the names of their resources.
_MAX_ID = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One line: services with the same effect on the same nodes for the same cause."""

    verb: str
    services: tuple[str, ...]
    where: str
    cause: str
    origin: str
    blocked: bool

    @property
    def label(self) -> str:
        """Return the verb as a text for people."""
        return verb_label(self.verb)

    @property
    def style(self) -> str:
        """Return the style: for effects that stop a service, interrupt it, or do not interrupt it."""
        if self.verb in DANGEROUS:
            return "critical"
        return "warning" if self.verb in INTERRUPTING else "good"

    @property
    def names(self) -> str:
        """Return the services as a list."""
        return fold(self.services) if self.verb == "fence" else ", ".join(self.services)

    def text(self, column: int) -> str:
        """Return services and nodes. With several services, the nodes come first, before the long list."""
        if len(self.services) > 1 and self.verb != "fence":
            return f"{self.where}: {self.names}" if self.where else self.names
        return f"{self.names:<{column}}  {self.where}".rstrip()


@dataclass(frozen=True, slots=True)
class Block:
    """The effects of one change: direct effects, and effects that they trigger.

    `ordered`: the triggered effects are restarts in place, caused only by orders.
    """

    rows: tuple[Row, ...]
    triggered_rows: tuple[Row, ...]
    ordered: bool = False

    @property
    def triggered(self) -> str:
        """Return the number of services with triggered effects, and advice to avoid them."""
        count = len({name for row in self.triggered_rows for name in row.services})
        affected = "1 more service is affected" if count == 1 else f"{count} more services are affected"
        return f"{affected}{_ORDER_ADVICE if self.ordered else ''}"


def blocks(plan: Plan, effects: Iterable[Effect]) -> list[Block]:
    """Return the effects grouped by their change, the most disruptive first, with the names of documents."""
    return _by_change(_with_titles(plan, effects), plan.names)


def _by_change(effects: Sequence[Effect], names: Mapping[str, str]) -> list[Block]:
    triggering = {each.cause.change for each in effects if each.cause.triggered_by}
    direct: dict[str, list[Effect]] = {}
    triggered: dict[str, list[Effect]] = {}
    for effect in effects:
        cause = effect.cause
        name = names.get(effect.service, effect.service)
        if cause.triggered_by:
            triggered.setdefault(cause.change, []).append(effect)
        elif cause.change in triggering or not _added_or_removed(effect, name):
            direct.setdefault(cause.change or cause.text, []).append(effect)
        else:
            # All added services share a block, and so do all removed ones: their cause is the same.
            direct.setdefault(_added_or_removed(effect, name), []).append(effect)
    # Effects whose triggering resource has no effect of its own are shown as direct ones, with their cause.
    found = [
        Block(_rows(direct[key], names), _rows(map(_without_cause, indirect), names), _ordered(indirect))
        if key in direct
        else Block(_rows(indirect, names), ())
        for key, indirect in ((key, triggered.get(key, [])) for key in dict.fromkeys([*direct, *triggered]))
    ]
    return sorted(
        found, key=lambda block: min(_rank(row.verb) for row in (*block.rows, *block.triggered_rows))
    )


def _without_cause(effect: Effect) -> Effect:
    return replace(effect, cause=Cause())


def _added_or_removed(effect: Effect, name: str) -> str:
    """Return `new` or `removed` if the change adds or removes the service itself."""
    return {f"{name} added": "new", f"{name} removed": "removed"}.get(effect.cause.text, "")


def _rank(verb: str) -> int:
    return VERBS.index(verb) if verb in VERBS else len(VERBS)


def _with_titles(plan: Plan, effects: Iterable[Effect]) -> list[Effect]:
    """Return the effects with titles of constraints in their causes, instead of generated IDs."""
    causes = {effect.cause.change for effect in effects}
    constraints = {
        each.key: (f"{each.kind} {each.name}", f"{each.kind} {title(each, plan.names)}")
        for each in plan.object_changes
        if each.section == "constraints" and each.key in causes
    }
    found = []
    for effect in effects:
        old, new = constraints.get(effect.cause.change, ("", ""))
        text = effect.cause.text.replace(old, new, 1) if old else effect.cause.text
        found.append(replace(effect, cause=replace(effect.cause, text=text)))
    return found


def _ordered(triggered: Sequence[Effect]) -> bool:
    """Return whether all triggered effects are restarts that optional orders would avoid."""
    resources = {effect.resource.split(":")[0] for effect in triggered}
    # Effects that one of these resources triggers, such as those of a group, would be avoided with it.
    first = [effect.cause.text for effect in triggered if effect.cause.triggered_by not in resources]
    bound = all("(" in text and "(group " not in text for text in first)
    return bool(first) and bound and all(effect.verb == "restart" for effect in triggered)


def _rows(effects: Iterable[Effect], names: Mapping[str, str]) -> tuple[Row, ...]:
    """Return rows of services with the same effect on the same nodes for the same cause."""
    services: dict[tuple[_Key, str], list[Effect]] = {}
    origins: dict[str, set[str]] = {}
    for effect in effects:
        name = names.get(effect.service, effect.service)
        cause = _added_or_removed(effect, name) or effect.cause.text
        key = (_rank(effect.verb), effect.verb, effect.blocked, cause)
        services.setdefault((key, name), []).append(effect)
        origins.setdefault(cause, set()).add(effect.cause.origin)
    rows: dict[tuple[_Key, str], list[str]] = {}
    for (key, name), found in services.items():
        rows.setdefault((key, _nodes(found)), []).append(f"{name}{_members(name, found)}")
    return tuple(
        Row(verb, tuple(sorted(members)), where, _elided(cause), _common(origins[cause]), blocked)
        for ((_, verb, blocked, cause), where), members in sorted(rows.items(), key=lambda row: row[0][0][0])
    )


def _members(service: str, effects: Sequence[Effect]) -> str:
    """Return the affected members of a group, and the role that no instance can have.

    The parts of a bundle are internal.
    """
    members = dict.fromkeys(
        effect.resource.split(":")[0]
        for effect in effects
        if effect.resource != effect.service and not effect.internal
    )
    inside = [member for member in members if member != service]
    if all(effect.verb == "cannot-run" and effect.role for effect in effects):
        inside.append("Promoted")
    return f" ({', '.join(inside)})" if inside else ""


def _elided(cause: str) -> str:
    return " ".join(shorten(word, _MAX_ID) for word in cause.split(" "))


def _common(origins: Collection[str]) -> str:
    """Return the position that all effects of a row share: the same line, or the same file."""
    if len(origins) > 1:
        origins = {origin.split(":")[0] for origin in origins}
    return next(iter(origins)) if len(origins) == 1 else ""


def _nodes(effects: Iterable[Effect]) -> str:
    """Return the nodes of effects; source and target node for resources that move."""
    effects = list(effects)
    if effects[0].verb == "fence":
        return f"({effects[0].role})" if effects[0].role else ""
    moved = [each for each in effects if each.source and each.node and each.source != each.node]
    moves = sorted({f"{each.source} -> {each.node}" for each in moved})
    others = fold({each.node or each.source for each in effects if each not in moved} - {""})
    return ", ".join([*moves, *([others] if others else [])])
