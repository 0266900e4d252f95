"""Create plans: read the cluster, compare, and simulate. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.schema import version
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.document_names import document_names
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.reasons import PLAN_TIME_LIMIT, Trials
from pacemaker_os.cluster.planning.counterfactual import with_confirmed_causes
from pacemaker_os.cluster.planning.exactness import exactness_notes
from pacemaker_os.cluster.planning.prediction import Prediction, PredictionUnavailable, predict
from pacemaker_os.cluster.planning.schema import in_schema, upgraded
from pacemaker_os.cluster.store.secrets import SecretParameter, SecretValues, planned_secrets, without_value
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.document import Document
from pacemaker_os.plan.advice import advice, stays_stopped
from pacemaker_os.plan.conditions import conditions
from pacemaker_os.plan.diff.compare import Comparison, PlanOptions, comparison
from pacemaker_os.plan.diff.ownership_changes import ownership_changes
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.diff.references import reject_dangling
from pacemaker_os.plan.ordered_removal import stop_before_removal
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.causes import Causes
from pacemaker_os.plan.prediction.effects import PredictedEffects, predict_effects
from pacemaker_os.plan.prediction.obstacles.explain import Obstacles
from pacemaker_os.plan.prediction.outage import find_fully_interrupted
from pacemaker_os.plan.prediction.simulation import NOTHING
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade
from pacemaker_os.plan.verification import Verification, element_origins, verification


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with the data that is needed to apply it.

    `base` is the CIB that the plan was created for. `start` is the same CIB, under a newer schema if the
    plan upgrades it. `target` is `start` with the changes.
    """

    plan: Plan
    base: Snapshot
    start: etree._Element
    target: etree._Element


@dataclass(frozen=True, slots=True)
class Start:
    """The CIB that the changes are made to: the one that was read, under a newer schema if upgraded."""

    base: Snapshot
    cib: etree._Element
    upgrade: SchemaUpgrade | None = None

    @classmethod
    def of(cls, base: Snapshot) -> Start:
        """Return the CIB that was read."""
        return cls(base, base.cib)


def prepare(cluster: Cluster, desired: Cib, *, name: str, options: PlanOptions | None = None) -> Prepared:
    """Plan the changes to the desired configuration of document `name`. Raises InputError, ClusterError."""
    start, found = _compare(cluster, desired, name, options)
    notes = tuple(_schema_notes(start, desired.validate_with))
    return build(cluster, start, found, name, notes, desired=desired)


def planned_cib(
    cluster: Cluster, desired: Cib, *, name: str, options: PlanOptions | None = None
) -> tuple[etree._Element, etree._Element]:
    """Return the start and the target of `prepare`, without a simulation."""
    start, found = _compare(cluster, desired, name, options)
    target = planned(start.cib, found.changes)
    reject_dangling(target, found.changes)
    return start.cib, target


def _compare(
    cluster: Cluster, desired: Cib, name: str, options: PlanOptions | None
) -> tuple[Start, Comparison]:
    """Return the live configuration, and its differences from the desired configuration."""
    base = cluster.query()
    start = Start.of(base)
    if options is not None and simulated_status.has_status(base.cib):
        # The nodes of a cluster that has run are known.
        options = replace(options, new_nodes=False)
    if options is not None and options.upgrade_schema:
        start = Start(base, *upgraded(cluster, base.cib, desired.validate_with))
    desired = in_schema(desired, start.cib.get("validate-with"))
    configuration = content.configuration(start.cib)
    live = Cib.from_element(configuration)
    return start, comparison(live, desired, owner=name, tree=configuration, options=options)


def prepare_document(
    cluster: Cluster,
    document: Document,
    options: PlanOptions | None = None,
    values: SecretValues | None = None,
) -> Prepared:
    """Plan the changes to a document, check its agents, and include its secrets.

    Raises InputError, ClusterError.
    """
    from pacemaker_os.cluster.planning.grammar import rejections_at_lines

    with rejections_at_lines(cluster, document.cib):
        prepared = prepare(cluster, document.cib, name=document.name, options=options)
    if cluster.live and (options is None or options.validate_agents):
        from pacemaker_os.cluster.planning.agents import check_plan_agents

        check_plan_agents(cluster, document.cib, prepared.plan)
    parameters = [SecretParameter(each.resource, each.parameter, each.secret) for each in document.secrets]
    return with_secrets(cluster, prepared, parameters, values or SecretValues())


def prepare_changes(cluster: Cluster, found: Comparison, *, name: str, notes: Iterable[str] = ()) -> Prepared:
    """Plan given changes, such as those of a rollback, on the live configuration."""
    return build(cluster, Start.of(cluster.query()), found, name, tuple(notes))


def with_secrets(
    cluster: Cluster, prepared: Prepared, parameters: list[SecretParameter], values: SecretValues
) -> Prepared:
    """Add the secrets that an apply writes to the nodes to a plan."""
    if not parameters:
        return prepared
    plan = prepared.plan
    nodes = cluster.peers() if cluster.live else []
    secrets = tuple(each.after(plan.effects) for each in planned_secrets(nodes, parameters, values))
    notes = (*plan.notes, *without_value(secrets, values))
    return replace(prepared, plan=replace(plan, secrets=secrets, notes=notes))


def build(
    cluster: Cluster,
    start: Start,
    found: Comparison,
    name: str,
    notes: tuple[str, ...] = (),
    *,
    desired: Cib | None = None,
) -> Prepared:
    """Simulate changes, and return them with their effects as a plan.

    `desired` has the positions of the objects in the document; without it, only those of changes are known.
    """
    base, target = start.base, planned(start.cib, found.changes)
    reject_dangling(target, found.changes)
    if not base.exists:
        notes = (*notes, f"'{cluster.name}' does not exist yet; apply creates it")
    notes = (*notes, *advice(start.cib, target, found.changes), *_not_written(found))
    notes = (*notes, *exactness_notes(cluster, found.changes))
    causes = Causes(content.configuration(target), found.changes)
    try:
        prediction, predicted = predict(cluster, base.cib, target), True
    except PredictionUnavailable as reason:
        after = replace(NOTHING, messages=reason.messages)
        prediction, predicted = Prediction(NOTHING, after, (str(reason),)), False
    obstacles = None if prediction.cib is None else _obstacles(cluster, prediction.cib)
    effects = predict_effects(prediction.before, prediction.after, causes.explain, obstacles)
    effects = replace(effects, caused=with_confirmed_causes(prediction, start.cib, effects.caused, causes))
    # Without a status, the simulation assumes that all nodes are online: nothing is known about them.
    nodes = prediction.before.nodes if simulated_status.has_status(base.cib) else ()
    states = prediction.before.resources
    unmanaged = {state.service for state in states if state.active and not state.managed}
    stopping = effects.caused if cluster.live else ()
    to_stop = stop_before_removal(start.cib, found.changes, stopping, unmanaged)
    plan = Plan(
        document=name,
        cluster=cluster.name,
        target=cluster.target.saved(),
        base=base.version,
        digest=base.digest,
        changes=found.changes,
        effects=effects.caused,
        pending=effects.pending,
        predicted=predicted,
        adopted=found.adopted,
        unowned=found.unowned,
        owned_by_others=found.owned_by_others,
        owned_elsewhere=found.owned_elsewhere,
        ownership=ownership_changes(content.configuration(start.cib), found.changes, name),
        overrides=found.overrides,
        lost_overrides=found.lost_overrides,
        cluster_maintained=found.cluster_maintained,
        conditions=tuple(conditions(target, base.cib, live=cluster.live)) if found.changes else (),
        notes=(*notes, *stays_stopped(prediction.before, prediction.after), *prediction.notes),
        names=document_names(content.configuration(start.cib), content.configuration(target)),
        upgrade=start.upgrade,
        stop_before_removal=to_stop,
        fully_interrupted=find_fully_interrupted(prediction.before.resources, effects.caused),
        unaffected=_unaffected(prediction, effects),
        nodes=len(nodes),
        nodes_online=sum(node.online for node in nodes),
        verification=_verification(prediction, target, found, desired),
        quorum=base.cib.get("have-quorum") in ("1", "true"),
    )
    return Prepared(plan, base, start.cib, target)


def _obstacles(cluster: Cluster, cib: etree._Element) -> Obstacles:
    """Return the obstacles of a simulated CIB, which simulations without them confirm."""
    scheduler = cluster.scheduler
    return Obstacles(cib, None if scheduler is None else Trials(scheduler, cib, PLAN_TIME_LIMIT).of)


def _verification(
    prediction: Prediction, target: etree._Element, found: Comparison, desired: Cib | None
) -> tuple[Verification, ...]:
    """Return Pacemaker's messages about the planned configuration."""
    messages = prediction.after.messages
    if not messages:
        return ()
    changed = {change.key.partition(":")[2]: change.origin for change in found.changes if change.origin}
    origins = changed | (element_origins(desired) if desired is not None else {})
    return verification(messages, prediction.before.messages, content.configuration(target), origins)


def _schema_notes(start: Start, desired: str | None) -> Iterator[str]:
    """Yield a note when a document names another schema, because only an option upgrades the schema."""
    live = start.cib.get("validate-with")
    if desired is None or live is None or desired == live:
        return
    difference = f"the document names the schema {desired}, and the cluster has {live}"
    newer = (version(desired) or (0, 0)) > (version(live) or (0, 0))
    yield f"{difference}; to upgrade, use --upgrade-schema" if newer else f"{difference}, which stays"


def _not_written(found: Comparison) -> Iterator[str]:
    if found.not_written:
        values = ", ".join(found.not_written)
        yield f"the cluster maintains these values of the document itself; they are not written: {values}"


def _unaffected(prediction: Prediction, effects: PredictedEffects) -> int:
    """Return the number of running services without an effect."""
    affected = {effect.service for effect in effects.caused}
    active = (state for state in prediction.before.resources if state.active)
    return len({state.service for state in active} - affected)
