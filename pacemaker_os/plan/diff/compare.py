"""From what is and what is wanted to the operations that lie between, and to what is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import Operation
from pacemaker_os.plan.diff.item import Item, items
from pacemaker_os.plan.diff.matching import Wanted, match, wanted_items
from pacemaker_os.plan.diff.override_report import operator_state
from pacemaker_os.plan.diff.ownership import owned, remember
from pacemaker_os.plan.diff.parent_paths import UnknownNode
from pacemaker_os.plan.diff.removals import departures
from pacemaker_os.plan.diff.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How far a document's word goes.

    `authoritative`: what it does not say is removed, whoever wrote it. `take_over`: what belongs to
    other documents becomes its own. `adopt`: what means the same already is remembered as its own even
    if nothing else is to be written. `new_nodes`: it may name nodes that the cluster has not (a CIB file).
    `ask_agents`: agents are asked whether they are there and take what they are given.
    `upgrade_schema`: the configuration goes to the document's schema, or to the newest there is.
    """

    authoritative: bool = False
    take_over: bool = False
    adopt: bool = False
    new_nodes: bool = False
    ask_agents: bool = True
    upgrade_schema: bool = False

    @property
    def usual(self) -> bool:
        """Whether nobody asked for anything special."""
        return self == Rules(new_nodes=self.new_nodes)


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

    leaving = departures(olds, wanted, pairs, mine, authoritative=rules.authoritative)
    if not (rules.take_over or rules.authoritative):
        problems += _displaced_claims(leaving, owners, owner)
    writer = Writer(live, desired, olds, leaving, tree, new_nodes=rules.new_nodes)
    operations = [writer.remove(old) for old in leaving.values()]
    keys, adopted = set(), []
    paired = {id(each): olds[key] for key, each in pairs.items()}
    for each in wanted:
        old = paired.get(id(each))
        try:
            operation = writer.add(each) if old is None else writer.change(old, each)
        except UnknownNode as error:
            problems.append(each.problem(str(error), "unknown-node"))
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
        kept=tuple(operator_state(olds, pairs)),
    )


def _displaced_claims(
    leaving: Mapping[str, Item], owners: Mapping[str, str], owner: str
) -> Iterator[Problem]:
    """What would have to go for the document's sake and another one owns."""
    for key, old in leaving.items():
        other = owners.get(key, owner)
        if other != owner:
            message = (
                f"{old.kind} '{old.name}' would have to go, and belongs to the document '{other}'; "
                "take it out there, or make it this document's with --take-over"
            )
            yield Problem("plan", 0, 0, message, "owned-elsewhere")


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
            yield each.problem(message, "owned-elsewhere")
