"""The comparison of the live with the desired configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.agent_utilization import written_utilization
from pacemaker_os.cib.overrides import declared_overrides
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.carried import Carried, carry
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.claims import Claims, Declared
from pacemaker_os.plan.diff.foreign import foreign_ids, foreign_removals
from pacemaker_os.plan.diff.item import Inventory, Item, agent_values
from pacemaker_os.plan.diff.matching import DesiredItem, desired_items, match
from pacemaker_os.plan.diff.node_names import with_live_names
from pacemaker_os.plan.diff.override_report import describe_overrides
from pacemaker_os.plan.diff.ownership import Ownership, update_ownership
from pacemaker_os.plan.diff.parent_paths import UnknownNode
from pacemaker_os.plan.diff.removals import removals
from pacemaker_os.plan.diff.set_order import misplaced
from pacemaker_os.plan.diff.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """Options of a plan.

    `authoritative` also removes objects that no document owns. `take_over` takes ownership of objects that
    other documents own, even if nothing else changes. `adopt` does so with matching unowned objects, and
    leaves matching objects of other documents to these. `new_nodes` accepts nodes that the cluster does not
    have (for a CIB file without status).
    `validate_agents` validates parameters against agent metadata. `upgrade_schema` upgrades the CIB to the
    schema of the document, or to the newest one.
    """

    authoritative: bool = False
    take_over: bool = False
    adopt: bool = False
    new_nodes: bool = False
    validate_agents: bool = True
    upgrade_schema: bool = False

    @property
    def is_default(self) -> bool:
        """Whether all options that a user can set have their default value."""
        return self == PlanOptions(new_nodes=self.new_nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The changes that a document makes, and the items that it leaves unchanged.

    `adopted` are keys of unowned items that match the document. `unowned` are keys of items that no document
    owns. `owned_by_others` is the number of items that stay with each other document, `owned_elsewhere` the
    keys of those that this document declares, too. `overrides` describes the
    operator overrides that the document does not declare (a standby node, a ban, a stopped resource) and that
    stay, `lost_overrides` those that the changes remove. `cluster_maintained` describes the state of agents.
    `not_written` describes values of the document that the cluster maintains instead.
    """

    changes: tuple[ConfigChange, ...]
    adopted: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()
    owned_by_others: Mapping[str, int] = field(default_factory=dict)
    owned_elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    lost_overrides: tuple[str, ...] = ()
    cluster_maintained: tuple[str, ...] = ()
    not_written: tuple[str, ...] = ()


def compare(
    live: Cib,
    desired: Cib,
    *,
    owner: str = "cluster",
    tree: etree._Element | None = None,
    options: PlanOptions | None = None,
) -> tuple[ConfigChange, ...]:
    """Return the changes that turn `live` into what the document `owner` declares (see `comparison`)."""
    return comparison(live, desired, owner=owner, tree=tree, options=options).changes


def comparison(
    live: Cib,
    desired: Cib,
    *,
    owner: str = "cluster",
    tree: etree._Element | None = None,
    options: PlanOptions | None = None,
) -> Comparison:
    """Compare the live configuration by meaning with what the document `owner` declares.

    Items that the document owns but no longer declares are removed. Unowned items stay. The `options` can
    change both. `tree` is the live <configuration>; its XML is used verbatim.

    Raises:
        InputError: The document needs to change items that another document owns, names an unknown node, or
            uses the id of an object that it does not declare.
    """
    options, desired = options or PlanOptions(), with_live_names(desired, live)
    present, declared_items = Inventory.of(live), Inventory.of(desired.with_ids())
    live_items, desired_list = present.effective, desired_items(desired, declared_items)
    ownership = Ownership.of(live, owner)
    resources = (each.item.element for each in desired_list if each.item.section == "resources")
    released = ownership.own_overrides - frozenset(declared_overrides(resources))
    pairs = match(desired_list, live_items, ownership.own, ownership.others)
    problems: list[Problem] = []

    others = {} if options.take_over else ownership.others
    removed = removals(
        live_items,
        desired_list,
        pairs,
        ownership.own,
        authoritative=options.authoritative,
        protected=others,
    )
    problems += foreign_removals(removed, others)
    carried = _carry(live_items, desired_list, removed, pairs, released)
    writer = Writer(
        live, desired, live_items, removed, tree, carried, new_nodes=options.new_nodes, released=released
    )
    changes = [writer.remove(item) for item in removed.values()]
    changes += [writer.remove(live_items[key]) for key in carried.moved]
    moved = {
        key: [*writer.copy(live_items[key], replacements)]
        for key, replacements in (*carried.moved.items(), *carried.copied.items())
    }
    changes += (copy for copies in moved.values() for copy in copies)
    declared: list[Declared] = []
    live_by_desired = {id(each): live_items[key] for key, each in pairs.items()}
    raised = misplaced(desired_list, present.listed, live_by_desired)
    for each in desired_list:
        existing = live_by_desired.get(id(each))
        try:
            if id(each) in raised:
                found = writer.raise_precedence(existing, each)
            else:
                change = writer.add(each) if existing is None else writer.change(existing, each)
                found = [] if change is None else [change]
        except UnknownNode as error:
            problems.append(each.problem(str(error), "unknown-node"))
            continue
        changes += found
        key = found[-1].key if found else each.item.key if existing is None else existing.key
        declared.append(Declared(key, each, existing, bool(found)))
    claims = Claims(
        ownership=ownership,
        declared=tuple(declared),
        adopt=options.adopt,
        take_over=options.take_over,
        writes=bool(changes),
        removed=removed,
        moved={key: [copy.key for copy in moved[key]] for key in carried.moved},
    )
    gone = set(removed) | set(carried.moved)
    rest = {key: item for key, item in live_items.items() if key not in pairs and key not in gone}
    problems += [*claims.problems(), *foreign_ids(desired_list, rest)]
    if problems:
        raise InputError(problems)
    after = claims.record()
    changes += update_ownership(live, ownership.recorded, after)
    remaining = (name for name, keys in after.items() if name != owner for key in keys if key in live_items)
    return Comparison(
        changes=tuple(changes),
        adopted=claims.adoptable,
        unowned=tuple(
            key
            for key, item in rest.items()
            if key not in ownership.own and key not in ownership.others and not item.managed_by
        ),
        owned_by_others=dict(Counter(remaining)),
        owned_elsewhere=claims.left(),
        overrides=(*carried.remaining, *describe_overrides(rest)),
        lost_overrides=tuple(each.description for each in carried.lost if each.kind),
        cluster_maintained=tuple(dict.fromkeys(agent_values(live, present))),
        not_written=tuple(_not_written(desired, declared_items, live, live_items)),
    )


def _not_written(
    desired: Cib, declared: Inventory, live: Cib, live_items: Mapping[str, Item]
) -> Iterator[str]:
    """Yield the cluster-maintained values of a document that differ from those of the cluster."""
    for item in declared.listed:
        existing = live_items.get(item.key)
        if item.managed_by == "cluster" and (existing is None or existing.meaning != item.meaning):
            yield f"{item.kind} {item.name} ({item.writer})"
    values = {(each.resource, each.name): each.value for each in written_utilization(live.resources)}
    for each in written_utilization(desired.resources):
        if values.get((each.resource, each.name), each.value) != each.value:
            yield each.description


def _carry(
    live_items: Mapping[str, Item],
    desired: Iterable[DesiredItem],
    removed: Mapping[str, Item],
    pairs: Mapping[str, DesiredItem],
    released: Collection[tuple[str, str]],
) -> Carried:
    """Return what happens to the overrides of the resources that the document declares or that go."""
    touched = {**removed, **{key: live_items[key] for key in pairs}}
    resources = [item for item in touched.values() if item.section == "resources"]
    unaffected = (item for key, item in live_items.items() if key not in pairs and key not in removed)
    constraints = (item for item in unaffected if item.section == "constraints")
    overrides = [item for item in constraints if item.managed_by == "operator"]
    elements = [each.item.element for each in desired if each.item.section == "resources"]
    return carry(resources, overrides, elements, released)
