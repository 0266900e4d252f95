"""Making a plan: the cluster is read and its scheduler is asked; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.schema import version
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.document_names import document_names
from pacemaker_os.cib.xml import cib_from_element
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.prediction import Prediction, PredictionUnavailable, predict
from pacemaker_os.cluster.planning.schema import upgraded
from pacemaker_os.cluster.store.secrets import SecretParameter, SecretValues, planned_secrets, without_value
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.document import Document
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.diff.compare import Comparison, PlanOptions, comparison
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.diff.references import refuse_dangling
from pacemaker_os.plan.ordered_removal import stop_before_removal
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.causes import Causes
from pacemaker_os.plan.prediction.effects import PredictedEffects, predict_effects
from pacemaker_os.plan.prediction.outage import find_fully_interrupted
from pacemaker_os.plan.prediction.simulation import NOTHING
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what is needed to carry it out.

    `base` is the CIB that it was made for, `start` what the operations are done on (that CIB, or the same
    under a newer schema), `target` where they lead.
    """

    plan: Plan
    base: Snapshot
    start: etree._Element
    target: etree._Element


@dataclass(frozen=True, slots=True)
class Start:
    """The CIB that operations are done on: the one that was read, or that one under a newer schema."""

    base: Snapshot
    cib: etree._Element
    upgrade: SchemaUpgrade | None = None

    @classmethod
    def of(cls, base: Snapshot) -> Start:
        """Begin with what was read."""
        return cls(base, base.cib)


def prepare(cluster: Cluster, desired: Cib, *, name: str, options: PlanOptions | None = None) -> Prepared:
    """Plan what makes the cluster what the document `name` says. Raises InputError, ClusterError."""
    start, found = _compared(cluster, desired, name, options)
    return _prepared(cluster, start, found, name, tuple(_schema_notes(start, desired.validate_with)))


def planned_cib(
    cluster: Cluster, desired: Cib, *, name: str, options: PlanOptions | None = None
) -> etree._Element:
    """The `<cib>` that `prepare` would lead to; nobody is asked what that would do."""
    start, found = _compared(cluster, desired, name, options)
    target = planned(start.cib, found.changes)
    refuse_dangling(target, found.changes)
    return target


def _compared(
    cluster: Cluster, desired: Cib, name: str, options: PlanOptions | None
) -> tuple[Start, Comparison]:
    """What the cluster has, and what lies between that and the document."""
    base, wanted = cluster.query(), desired.validate_with
    start = Start.of(base)
    if options is not None and options.upgrade_schema:
        start = Start(base, *upgraded(cluster, base.cib, wanted))
    configuration = content.configuration(start.cib)
    live = cib_from_element(configuration)
    return start, comparison(live, desired, owner=name, tree=configuration, options=options)


def prepare_document(
    cluster: Cluster,
    document: Document,
    options: PlanOptions | None = None,
    values: SecretValues | None = None,
) -> Prepared:
    """Plan what makes the cluster what a document says, its agents asked and its secrets included.

    Raises InputError, ClusterError.
    """
    prepared = prepare(cluster, document.cib, name=document.name, options=options)
    if cluster.live and (options is None or options.validate_agents):
        from pacemaker_os.cluster.planning.agents import check_plan_agents

        check_plan_agents(cluster, document.cib, prepared.plan)
    uses = [SecretParameter(use.resource, use.parameter, use.secret) for use in document.secrets]
    return _with_secrets(cluster, prepared, uses, values or SecretValues())


def prepare_changes(cluster: Cluster, found: Comparison, *, name: str, notes: Iterable[str] = ()) -> Prepared:
    """Plan given operations (of a way back) on the cluster as it is now, with what is to be said of them."""
    return _prepared(cluster, Start.of(cluster.query()), found, name, tuple(notes))


def prepare_saved(cluster: Cluster, saved: Plan) -> Prepared:
    """Take up a saved plan again. Raises Conflict when the cluster, or what would happen, is another now."""
    base = cluster.query()
    if base.version.configuration != saved.base.configuration or base.digest != saved.digest:
        author = f" ({base.author})" if base.author else ""
        raise _stale(
            f"it was made for the configuration {saved.base}, and the cluster is at {base.version}{author}"
        )
    start = Start.of(base)
    if saved.upgrade is not None:
        start = Start(base, *upgraded(cluster, base.cib, saved.upgrade.new))
        if start.upgrade != saved.upgrade:
            raise _stale("Pacemaker would upgrade the schema in another way now")
    found = Comparison(
        changes=saved.changes,
        adopted=saved.adopted,
        unowned=saved.unowned,
        owned_by_others=saved.owned_by_others,
        overrides=saved.overrides,
    )
    prepared = _prepared(cluster, start, found, saved.document)
    uses = [SecretParameter(each.resource, each.parameter, each.secret) for each in saved.secrets]
    prepared = _with_secrets(cluster, prepared, uses, SecretValues())
    _refuse_other_effects(prepared.plan, saved)
    # What was to be brought then and has no value now must not be passed over: the saved word holds.
    return replace(prepared, plan=replace(prepared.plan, secrets=saved.secrets))


def _refuse_other_effects(fresh: Plan, saved: Plan) -> None:
    now, then = ({effect.key for effect in plan.effects} for plan in (fresh, saved))
    if now != then:
        words = ", ".join(sorted(f"{key[0]} {key[1]}" for key in now ^ then)[:5])
        raise _stale(f"it would now do something else ({words})")
    for new, old in zip(fresh.secrets, saved.secrets, strict=True):
        if more := sorted(set(new.nodes) - set(old.nodes)):
            raise _stale(f"the secret '{new.secret}' would now be written on {', '.join(more)} as well")


def _stale(why: str) -> Conflict:
    return Conflict(f"the plan is stale: {why}; nothing was written. Plan again")


def _with_secrets(
    cluster: Cluster, prepared: Prepared, uses: list[SecretParameter], values: SecretValues
) -> Prepared:
    """The plan with what is to be brought to the nodes apart from the CIB."""
    if not uses:
        return prepared
    plan = prepared.plan
    secrets = tuple(
        each.after(plan.effects)
        for each in planned_secrets(cluster.peers() if cluster.live else [], uses, values)
    )
    notes = (*plan.notes, *without_value(secrets, values))
    return replace(prepared, plan=replace(plan, secrets=secrets, notes=notes))


def _prepared(
    cluster: Cluster, start: Start, found: Comparison, name: str, notes: tuple[str, ...] = ()
) -> Prepared:
    base, target = start.base, planned(start.cib, found.changes)
    refuse_dangling(target, found.changes)
    if not base.exists:
        notes = (*notes, f"{cluster.name} does not exist yet; apply makes it")
    causes = Causes(content.configuration(target), found.changes)
    try:
        seen, foretold = predict(cluster, base.cib, target), True
    except PredictionUnavailable as reason:
        seen, foretold = Prediction(NOTHING, NOTHING, (str(reason),)), False
    effects = predict_effects(seen.before, seen.after, causes.explain)
    nodes = seen.before.nodes
    plan = Plan(
        document=name,
        cluster=cluster.name,
        base=base.version,
        digest=base.digest,
        changes=found.changes,
        effects=effects.caused,
        pending=effects.pending,
        predicted=foretold,
        adopted=found.adopted,
        unowned=found.unowned,
        owned_by_others=found.owned_by_others,
        overrides=found.overrides,
        notes=(*notes, *seen.notes),
        names=document_names(content.configuration(start.cib), content.configuration(target)),
        upgrade=start.upgrade,
        stop_before_removal=stop_before_removal(start.cib, found.changes, effects.caused)
        if cluster.live
        else (),
        fully_interrupted=find_fully_interrupted(seen.before.resources, effects.caused),
        unaffected=_unaffected(seen, effects),
        nodes=len(nodes),
        nodes_online=sum(node.online for node in nodes),
        quorum=base.cib.get("have-quorum") in ("1", "true") or not simulated_status.has_status(base.cib),
    )
    return Prepared(plan, base, start.cib, target)


def _schema_notes(start: Start, wanted: str | None) -> Iterator[str]:
    """What to do when a document is written for another schema: that is never done by the way."""
    now = start.cib.get("validate-with")
    if wanted is None or now is None or wanted == now:
        return
    said = f"the document is for the schema {wanted} and the cluster has {now}"
    newer = (version(wanted) or (0, 0)) > (version(now) or (0, 0))
    yield f"{said}; go to it with --upgrade-schema" if newer else f"{said}, which stays"


def _unaffected(seen: Prediction, foretold: PredictedEffects) -> int:
    """How many services run on as if nothing had happened."""
    touched = {effect.service for effect in foretold.caused}
    active = (state for state in seen.before.resources if state.active)
    running = {state.service for state in active}
    return len(running - touched)
