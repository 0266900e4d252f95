"""Making a plan: the cluster is read and its scheduler is asked; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cluster.agents import refuse_bad_agents
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.cluster.snapshot import Snapshot
from pacemaker_os.document import Document
from pacemaker_os.errors import ClusterError, Conflict
from pacemaker_os.plan import stage, tree
from pacemaker_os.plan.causes import Causes
from pacemaker_os.plan.compare import Comparison, Rules, comparison
from pacemaker_os.plan.effects import Foretold, foretell
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.references import refuse_dangling
from pacemaker_os.plan.simulation import Simulation
from pacemaker_os.plan.target import planned
from pacemaker_os.plan.warnings import warnings


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what is needed to carry it out: the CIB that it was made for, and the one it leads to."""

    plan: Plan
    base: Snapshot
    target: etree._Element


def prepare(cluster: Cluster, desired: Cib, *, name: str, rules: Rules | None = None) -> Prepared:
    """Plan what makes the cluster what the document `name` says. Raises InputError, ClusterError."""
    base = cluster.query()
    live = Cib.from_xml(etree.tostring(tree.configuration(base.cib)))
    found = comparison(live, desired, owner=name, tree=tree.configuration(base.cib), rules=rules)
    return _prepared(cluster, base, found, name, schema=desired.validate_with)


def prepare_document(cluster: Cluster, document: Document, rules: Rules | None = None) -> Prepared:
    """Plan what makes the cluster what a document says, its agents asked and its secrets included.

    Raises InputError, ClusterError.
    """
    prepared = prepare(cluster, document.cib, name=document.name, rules=rules)
    if rules is None or rules.ask_agents:
        refuse_bad_agents(cluster, document.cib, prepared.plan)
    secrets = tuple((use.resource, use.parameter, use.secret) for use in document.secrets)
    return replace(prepared, plan=replace(prepared.plan, secrets=secrets))


def prepare_operations(cluster: Cluster, found: Comparison, *, name: str) -> Prepared:
    """Plan given operations (of a saved plan, or of a way back) on the cluster as it is now."""
    return _prepared(cluster, cluster.query(), found, name)


def _prepared(
    cluster: Cluster, base: Snapshot, found: Comparison, name: str, *, schema: str | None = None
) -> Prepared:
    target = planned(base.cib, found.operations)
    refuse_dangling(target, found.operations)
    notes = list(_schema_notes(base, schema))
    if not base.exists:
        notes.append(f"{cluster.name} does not exist yet; apply makes it")
    causes = Causes(tree.configuration(target), found.operations)
    foretold, now = Foretold((), ()), None
    try:
        before, after, now = _simulate(cluster, base, target, notes)
        foretold = foretell(before, after, causes.explain)
    except _NotForetold as reason:
        notes.append(str(reason))
    plan = Plan(
        document=name,
        cluster=cluster.name,
        base=base.version,
        digest=base.digest,
        operations=found.operations,
        effects=foretold.caused,
        pending=foretold.pending,
        foretold=now is not None,
        adopted=found.adopted,
        unowned=found.unowned,
        others=found.others,
        kept=found.kept,
        notes=tuple(notes),
        untouched=0 if now is None else _untouched(now, foretold),
        nodes=0 if now is None else len(now.nodes),
        nodes_online=0 if now is None else sum(node.online for node in now.nodes),
        quorum=base.cib.get("have-quorum") in ("1", "true") or not stage.has_status(base.cib),
    )
    return Prepared(plan, base, target)


_NOTHING = Simulation((), (), ())


def _schema_notes(base: Snapshot, wanted: str | None) -> Iterator[str]:
    """What to do when a document is written for another schema: that is never done by the way."""
    now = base.cib.get("validate-with")
    if wanted is not None and now is not None and wanted != now:
        yield (
            f"the document is for the schema {wanted} and the cluster has {now}; "
            "a newer one is taken up by: cibadmin --upgrade"
        )


def _untouched(now: Simulation, foretold: Foretold) -> int:
    """How many services run on as if nothing had happened."""
    touched = {effect.service for effect in foretold.caused}
    running = {state.parents[0] if state.parents else state.id for state in now.resources if state.active}
    return len(running - touched)


class _NotForetold(Exception):
    """Nobody can say what will happen, and why."""


def _simulate(
    cluster: Cluster, base: Snapshot, target: etree._Element, notes: list[str]
) -> tuple[Simulation, Simulation, Simulation]:
    """The scheduler's word on the CIB without and with the change, and what runs before it."""
    if cluster.scheduler is None:
        raise _NotForetold(
            "Pacemaker's scheduler is not installed here, so what will happen is not foretold "
            "(Debian: apt install pacemaker-cli-utils)"
        )
    live = base.cib
    if not stage.has_status(live):
        if tree.same(tree.configuration(live), tree.configuration(target)):
            # Nothing changes, and of a file nothing can be pending: there is nothing to ask.
            return _NOTHING, _NOTHING, _NOTHING
        if target.find("configuration/nodes/node") is None:
            raise _NotForetold("the CIB names no nodes, so there is nowhere for anything to run")
        # What a file would settle at, with its nodes all online, is what the change is measured by.
        fenced = "" if stage.fencing_is_said(target) else ", and could be fenced"
        notes.append(f"foretold as if all nodes of the file were online{fenced}")
        if fenced:
            live, target = stage.without_fencing(live), stage.without_fencing(target)
        empty = tree.with_configuration(live, _with_nodes(live, target))
        with scratch(cluster.transport) as folder:
            live = cluster.scheduler.settle(stage.all_online(empty), folder).cib
        target = stage.with_status_of(target, live)
    notes.extend(warnings(target))
    before = _ask(cluster.scheduler, live)
    if tree.same(tree.configuration(live), tree.configuration(target)):
        return before, before, before
    if waiting := stage.unpromoted(target):
        notes.append(f"foretold as if the agents let {', '.join(waiting)} be promoted on every node")
        target = stage.let_promote(target)
    return before, _ask(cluster.scheduler, target), before


def _ask(scheduler: Scheduler, cib: etree._Element) -> Simulation:
    """The scheduler's word; what it breaks down on cannot be foretold, but may be right all the same."""
    try:
        return scheduler.run(cib)
    except ClusterError as error:
        if error.code != "not-simulated":
            message = f"Pacemaker would refuse the planned configuration: {error}"
            raise ClusterError(message, code=error.code) from None
        raise _NotForetold(str(error)) from None


def _with_nodes(live: etree._Element, target: etree._Element) -> etree._Element:
    """The live configuration with the nodes that the target names."""
    nodes = tree.configuration(target).find("nodes")
    copy = tree.configuration(tree.with_configuration(live, tree.configuration(live)))
    old = copy.find("nodes")
    if nodes is not None and old is not None:
        copy.replace(old, deepcopy(nodes))
    return copy


def prepare_saved(cluster: Cluster, saved: Plan) -> Prepared:
    """Take up a saved plan again. Raises Conflict when the cluster, or what would happen, is another now."""
    base = cluster.query()
    if base.version.configuration != saved.base.configuration or base.digest != saved.digest:
        author = f" ({base.author})" if base.author else ""
        raise Conflict(
            f"the plan is stale: it was made for the configuration {saved.base}, and the cluster is at "
            f"{base.version}{author}; nothing was written. Plan again"
        )
    found = Comparison(
        operations=saved.operations,
        adopted=saved.adopted,
        unowned=saved.unowned,
        others=saved.others,
        kept=saved.kept,
    )
    prepared = _prepared(cluster, base, found, saved.document)
    prepared = replace(prepared, plan=replace(prepared.plan, secrets=saved.secrets))
    now, then = ({effect.key for effect in plan.effects} for plan in (prepared.plan, saved))
    if now != then:
        fresh = ", ".join(sorted(f"{key[0]} {key[1]}" for key in now ^ then)[:5])
        raise Conflict(
            f"the plan is stale: it would now do something else ({fresh}); nothing was written. Plan again"
        )
    return prepared
