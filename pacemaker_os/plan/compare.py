"""From what is and what is wanted to the operations that lie between, and to what is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.difference import Difference, differences
from pacemaker_os.cib.ids import Ids, taken
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.xml import to_element
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.item import Item, items
from pacemaker_os.plan.kept import OPERATOR_CONSTRAINTS, operator_meta_within, released
from pacemaker_os.plan.matching import Wanted, holding, match, resource_ids, wanted_items
from pacemaker_os.plan.merge import merge
from pacemaker_os.plan.nearest import place_of
from pacemaker_os.plan.operation import Operation, Step
from pacemaker_os.plan.ownership import owned, remember
from pacemaker_os.plan.places import Places, UnknownNode
from pacemaker_os.plan.text import to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How far a document's word goes.

    `authoritative`: what it does not say is removed, whoever wrote it. `take_over`: what belongs to
    other documents becomes its own. `adopt`: what means the same already is remembered as its own even
    if nothing else is to be written. `new_nodes`: it may name nodes that the cluster has not (a CIB file).
    `ask_agents`: agents are asked whether they are there and take what they are given.
    """

    authoritative: bool = False
    take_over: bool = False
    adopt: bool = False
    new_nodes: bool = False
    ask_agents: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a document would change, and what it would not.

    `adopted` are items that mean the same already and that nobody owned; `unowned` are in the cluster
    and in no document; `others` counts what belongs to other documents; `kept` is what an operator
    keeps for a while (a standby node, a ban, a stopped resource), in words for people.
    """

    operations: tuple[Operation, ...]
    adopted: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


def compare(
    live: Cib,
    desired: Cib,
    *,
    owner: str = "cluster",
    tree: etree._Element | None = None,
    rules: Rules | None = None,
) -> tuple[Operation, ...]:
    """The operations that make `live` what the document `owner` says (see `comparison`)."""
    return comparison(live, desired, owner=owner, tree=tree, rules=rules).operations


def comparison(
    live: Cib,
    desired: Cib,
    *,
    owner: str = "cluster",
    tree: etree._Element | None = None,
    rules: Rules | None = None,
) -> Comparison:
    """Compare by meaning what is with what the document `owner` wants.

    What the document owns and no longer says is removed; what nobody owns is left alone; what another
    document owns is an error; unless the `rules` say otherwise. `tree` is the live <configuration>, for
    its exact text.

    Raises InputError when the document wants what it may not have.
    """
    rules = rules or Rules()
    olds, wanted, memory = items(live), wanted_items(desired), owned(live)
    mine = memory.get(owner, frozenset())
    owners = {key: name for name, keys in memory.items() for key in keys}
    pairs = match(wanted, olds)
    problems: list[Problem] = []

    leaving = {
        key: old
        for key, old in olds.items()
        if key not in pairs and old.keeper != "cluster" and _leaves(old, key in mine, rules)
    }
    leaving |= _displaced(wanted, {key: old for key, old in olds.items() if key not in {**pairs, **leaving}})
    leaving |= _pointers({key: old for key, old in olds.items() if key not in {**pairs, **leaving}}, leaving)

    writer = _Writer(live, desired, olds, leaving, tree, new_nodes=rules.new_nodes)
    operations = [writer.remove(old) for old in leaving.values()]
    keys, adopted = set(), []
    paired = {id(each): olds[key] for key, each in pairs.items()}
    for each in wanted:
        old = paired.get(id(each))
        try:
            operation = writer.add(each) if old is None else writer.change(old, each)
        except UnknownNode as error:
            problems.append(_problem(each, str(error), "unknown-node"))
            continue
        keys.add(operation.key if operation else each.item.key if old is None else old.key)
        if operation is not None:
            operations.append(operation)
        elif old is not None and old.key not in mine:
            adopted.append(old.key)
    if operations and not rules.take_over:
        # Saying the same as another document is no claim, until something is to be written.
        problems += _claims(pairs, olds, owners, owner)
    if problems:
        raise InputError(problems)
    if operations or (rules.adopt and adopted):
        after = {name: others - keys - set(leaving) for name, others in memory.items()} | {owner: keys}
        operations += remember(live, memory, after)
    rest = {key: old for key, old in olds.items() if key not in pairs and key not in leaving}
    return Comparison(
        operations=tuple(operations),
        adopted=tuple(adopted),
        unowned=tuple(key for key, old in rest.items() if key not in owners and not old.keeper),
        others=dict(Counter(owners[key] for key in olds if owners.get(key, owner) != owner)),
        kept=tuple(_kept(olds, pairs)),
    )


def _claims(
    pairs: Mapping[str, Wanted], olds: Mapping[str, Item], owners: Mapping[str, str], owner: str
) -> Iterator[Problem]:
    """What the document wants and another one owns."""
    for key, each in pairs.items():
        other = owners.get(key, owner)
        if other != owner:
            message = (
                f"{olds[key].kind} '{olds[key].name}' belongs to the document '{other}'; "
                "say it there, or make it this document's with --take-over"
            )
            yield _problem(each, message, "owned-elsewhere")


def _problem(each: Wanted, message: str, code: str) -> Problem:
    origin = each.said.origin
    if origin is None:
        return Problem("document", 0, 0, message, code)
    return Problem(origin.file, origin.line, origin.column, message, code)


def _leaves(old: Item, is_mine: bool, rules: Rules) -> bool:
    return is_mine or (rules.authoritative and not old.keeper)


def _displaced(wanted: Iterable[Wanted], rest: Mapping[str, Item]) -> dict[str, Item]:
    """What must go because its resources are wanted elsewhere: a primitive that becomes a clone's, say.

    Raises InputError when it holds more than is wanted elsewhere: nobody said what becomes of that.
    """
    ids_of = {each.item.key: resource_ids(each.item.element) for each in wanted}
    ids: frozenset[str] = frozenset().union(*ids_of.values())
    found = {item.key: item for item in holding(ids, rest.values())}
    problems = []
    for item in found.values():
        inside = resource_ids(item.element) - {item.name}
        more = sorted(inside - ids)
        if more:
            by = next(each for each in wanted if ids_of[each.item.key] & inside)
            message = (
                f"the cluster has this in {item.kind} '{item.name}' together with {', '.join(more)}, "
                "which the document does not say; say them too, or remove them first"
            )
            problems.append(_problem(by, message, "displaced"))
    if problems:
        raise InputError(problems)
    return found


def _pointers(rest: Mapping[str, Item], leaving: Mapping[str, Item]) -> dict[str, Item]:
    """An operator's bans and moves of resources that leave: they would point nowhere."""
    gone = frozenset().union(*(resource_ids(old.element) for old in leaving.values()))
    return {
        key: old
        for key, old in rest.items()
        if old.name.startswith(OPERATOR_CONSTRAINTS) and getattr(old.element, "rsc", None) in gone
    }


def _kept(olds: Mapping[str, Item], pairs: Mapping[str, Wanted]) -> Iterator[str]:
    """What an operator keeps for a while and no document says, in words."""
    for key, old in olds.items():
        if old.keeper == "operator" and key not in pairs:
            value = old.element.value if isinstance(old.element, NvPair) else ""
            yield f"{old.kind} {old.name} {value or ''}".strip()
        elif old.section == "resources":
            said = operator_meta_within(pairs[key].item.element) if key in pairs else {}
            for resource, found in operator_meta_within(old.element).items():
                for name, value in found.items():
                    if name not in said.get(resource, ()):
                        yield f"resource {resource} {name} {value}"


class _Writer:
    """Writes operations: finds the exact text of what is live, and gives ids to what is new."""

    def __init__(
        self,
        live: Cib,
        desired: Cib,
        olds: Mapping[str, Item],
        leaving: Mapping[str, Item],
        tree: etree._Element | None,
        *,
        new_nodes: bool,
    ) -> None:
        exact = live.to_element() if tree is None else tree
        self._exact = {
            (parent.tag, child.get("id")): child
            for parent in exact.iter()
            for child in parent
            if isinstance(child.tag, str)
        }
        gone = set().union(*(taken(old.element) for old in leaving.values()))
        self._taken = taken(live) - gone
        self._ids = Ids(self._taken | taken(desired))
        self._places = Places(live, desired, olds.values(), new_nodes=new_nodes)

    def add(self, each: Wanted) -> Operation:
        place = self._places.of(each.item)
        new = self._with_ids(each, place)
        return self._operation(each.item, place, None, new, each.origin)

    def _with_ids(self, each: Wanted, place: tuple[Step, ...]) -> Element:
        """The ids that the document alone would give, unless the cluster has one of them already."""
        given = taken(each.item.element)
        if isinstance(each.said, NvPair) or not self._taken.isdisjoint(given):
            return self._ids.complete(each.said, _parent_id(place))
        for identifier in given:
            self._ids.unique(identifier)
        return each.item.element

    def change(self, old: Item, each: Wanted) -> Operation | None:
        if old.meaning == each.item.meaning:
            return None
        if old.section == "resources":
            said = operator_meta_within(each.item.element)
            if meaning(released(old.element, said)) == each.item.meaning:
                return None
        merged: Any = merge(each.said, old.element)
        new = self._ids.complete(merged, _parent_id(old.place))
        operation = self._operation(old, old.place, old, new, each.origin)
        nearest = place_of(each.said, operation.details)
        return replace(operation, origin=nearest or each.origin)

    def remove(self, old: Item) -> Operation:
        return self._operation(old, old.place, old, None, "")

    def _operation(
        self, item: Item, place: tuple[Step, ...], old: Item | None, new: Element | None, origin: str
    ) -> Operation:
        name = str(getattr(new, "id", "") or "") if item.anonymous and new is not None else item.name
        return Operation(
            key=f"{item.element.tag}:{name}" if item.anonymous else item.key,
            kind=item.kind,
            name=name,
            place=place,
            old=None if old is None else self._text(old),
            new=None if new is None else to_text(to_element(new)),
            details=_details(None if old is None else old.element, new),
            origin=origin,
        )

    def _text(self, old: Item) -> str:
        parent, identifier = old.place[-1][0], getattr(old.element, "id", None)
        element = self._exact.get((parent, identifier))
        return to_text(to_element(old.element) if element is None else element)


def _parent_id(place: tuple[Step, ...]) -> str:
    return dict(place[-1][1]).get("id", "")


def _details(old: Element | None, new: Element | None) -> tuple[Difference, ...]:
    if isinstance(old, NvPair) or isinstance(new, NvPair):
        before, after = getattr(old, "value", None), getattr(new, "value", None)
        return (Difference("value", before, after),)
    return differences(old, new) if old is not None and new is not None else ()
