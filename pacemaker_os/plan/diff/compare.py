"""From what is and what is wanted to the operations that lie between, and to what is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.item import Item, items
from pacemaker_os.plan.diff.matching import DesiredItem, desired_items, match
from pacemaker_os.plan.diff.override_report import describe_overrides
from pacemaker_os.plan.diff.ownership import owned, update_ownership
from pacemaker_os.plan.diff.parent_paths import UnknownNode
from pacemaker_os.plan.diff.removals import removals
from pacemaker_os.plan.diff.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """How far a document's word goes.

    `authoritative`: what it does not say is removed, whoever wrote it. `take_over`: what belongs to
    other documents becomes its own. `adopt`: what means the same already is remembered as its own even
    if nothing else is to be written. `new_nodes`: it may name nodes that the cluster has not (a CIB file).
    `validate_agents`: agents are asked whether they are there and take what they are given.
    `upgrade_schema`: the configuration goes to the document's schema, or to the newest there is.
    """

    authoritative: bool = False
    take_over: bool = False
    adopt: bool = False
    new_nodes: bool = False
    validate_agents: bool = True
    upgrade_schema: bool = False

    @property
    def is_default(self) -> bool:
        """Whether nobody asked for anything special."""
        return self == PlanOptions(new_nodes=self.new_nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a document would change, and what it would not.

    `adopted` are keys of unowned items that match the document. `unowned` are keys of items that no document
    owns. `owned_by_others` is the number of items that each other document owns. `overrides` describes the
    operator overrides that the document does not declare (a standby node, a ban, a stopped resource).
    """

    changes: tuple[ConfigChange, ...]
    adopted: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()
    owned_by_others: Mapping[str, int] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()


def compare(
    live: Cib,
    desired: Cib,
    *,
    owner: str = "cluster",
    tree: etree._Element | None = None,
    options: PlanOptions | None = None,
) -> tuple[ConfigChange, ...]:
    """The operations that make `live` what the document `owner` says (see `comparison`)."""
    return comparison(live, desired, owner=owner, tree=tree, options=options).changes


def comparison(
    live: Cib,
    desired: Cib,
    *,
    owner: str = "cluster",
    tree: etree._Element | None = None,
    options: PlanOptions | None = None,
) -> Comparison:
    """Compare by meaning what is with what the document `owner` wants.

    What the document owns and no longer says is removed; what nobody owns is left alone; what another
    document owns is an error; unless the `options` say otherwise. `tree` is the live <configuration>, for
    its exact text.

    Raises InputError when the document wants what it may not have.
    """
    options = options or PlanOptions()
    olds, wanted, memory = items(live), desired_items(desired), owned(live)
    mine = memory.get(owner, frozenset())
    owners = {key: name for name, keys in memory.items() for key in keys}
    pairs = match(wanted, olds)
    problems: list[Problem] = []

    leaving = removals(olds, wanted, pairs, mine, authoritative=options.authoritative)
    if not (options.take_over or options.authoritative):
        problems += _displaced_claims(leaving, owners, owner)
    writer = Writer(live, desired, olds, leaving, tree, new_nodes=options.new_nodes)
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
    if operations and not options.take_over:
        # Saying the same as another document is no claim, until something is to be written.
        problems += _claims(pairs, olds, owners, owner)
    if problems:
        raise InputError(problems)
    if operations or (options.adopt and adopted):
        after = {name: others - keys - set(leaving) for name, others in memory.items()} | {owner: keys}
        operations += update_ownership(live, memory, after)
    rest = {key: old for key, old in olds.items() if key not in pairs and key not in leaving}
    return Comparison(
        changes=tuple(operations),
        adopted=tuple(adopted),
        unowned=tuple(key for key, old in rest.items() if key not in owners and not old.managed_by),
        owned_by_others=dict(Counter(owners[key] for key in olds if owners.get(key, owner) != owner)),
        overrides=tuple(describe_overrides(olds, pairs)),
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
    pairs: Mapping[str, DesiredItem], olds: Mapping[str, Item], owners: Mapping[str, str], owner: str
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
