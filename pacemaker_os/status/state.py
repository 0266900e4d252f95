"""The state of a cluster, built from the output of crm_mon, the CIB and the apply history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.properties import read_properties
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cib.values import boolean
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.running import NodeState, read_nodes
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.status.drift import read_drift
from pacemaker_os.status.failure_history import read_fencing, read_probes
from pacemaker_os.status.failures import Failure, read_failures
from pacemaker_os.status.health.coverage import coverage, untested
from pacemaker_os.status.health.health import Health
from pacemaker_os.status.health.kept_off import kept_off
from pacemaker_os.status.judge import with_judgements
from pacemaker_os.status.overrides import read_overrides
from pacemaker_os.status.retries import read_retries
from pacemaker_os.status.services import read_services
from pacemaker_os.status.unhealthy import read_unhealthy
from pacemaker_os.status.values import HealthAttribute, Node, Service, State


def build_state(
    result: etree._Element,
    cib: etree._Element,
    applies: Iterable[Iterable[ConfigChange]],
    *,
    cluster: str,
    live: bool,
    when: str,
    simulation: Simulation | None = None,
    health: Health | None = None,
    origins: Mapping[str, str] | None = None,
) -> State:
    """Return the state without reasons and findings.

    `result` is the output of crm_mon. `applies` are the changes of each recorded apply, the oldest first.
    `simulation` is what the scheduler does with the CIB, `origins` are the positions of objects in documents.
    `health` are facts about the nodes. The states of nodes are unknown if the connected one is not part of
    the cluster.
    """
    health = health or Health()
    dc, options = result.find("summary/current_dc"), result.find("summary/cluster_options")
    present = dc is not None and dc.get("present") == "true"
    has_status = simulated_status.has_status(cib)
    known = (live or has_status) and health.is_current
    services, failures = read_services(result, content.configuration(cib)), read_failures(result)
    unhealthy = read_unhealthy(cib)
    state = State(
        cluster=cluster,
        live=live,
        when=when,
        version=dc.get("version", "").partition("-")[0] if dc is not None and present else "",
        cib=str(Version.of(cib)),
        dc=dc.get("name", "") if dc is not None and present else "",
        quorum=dc is not None and dc.get("with_quorum") == "true",
        fencing=options is not None
        and "true" in (options.get("stonith-enabled"), options.get("fencing-enabled")),
        devices=len(cib.findall("configuration/resources//primitive[@class='stonith']")),
        nodes=tuple(_node(node, unhealthy, known=known) for node in read_nodes(result)),
        services=_with_degraded(services, failures),
        failures=(*failures, *read_probes(cib, services)),
        fenced=read_fencing(result),
        overrides=read_overrides(cib, result),
        documents=read_drift(cib, applies),
        origins=origins or {},
        retries=read_retries(cib, services, failures),
        keeps_orphans=boolean(
            read_properties(content.configuration(cib)).get("stop-orphan-resources", "true")
        )
        is False,
        health=replace(
            health,
            coverage=tuple(coverage(cib)),
            kept_off=tuple(kept_off(cib)) if health.is_current else (),
            untested=untested(cib) if has_status and health.is_current else (),
        ),
    )
    return with_judgements(state, simulation)


def _node(node: NodeState, unhealthy: Mapping[str, Sequence[HealthAttribute]], *, known: bool) -> Node:
    """Return a node. crm_mon reports all nodes of a CIB file without a status as unclean."""
    return Node(
        name=node.name,
        state=node.state if known else "unknown",
        # crm_mon reports a failed node as online until it is fenced, if the status still contains it.
        online=node.online and node.state != "unclean",
        kind=node.kind,
        is_dc=node.is_dc,
        running=node.resources,
        by_failure=node.by_failure,
        unhealthy=tuple(unhealthy.get(node.name, ())),
    )


def _with_degraded(services: Iterable[Service], failures: Iterable[Failure]) -> tuple[Service, ...]:
    """Return the services, with those marked as degraded whose monitor reports a problem."""
    reporting = {failure.resource.split(":")[0] for failure in failures if failure.degraded}
    return tuple(
        replace(service, degraded=service.runs and not reporting.isdisjoint((service.id, *service.parts)))
        for service in services
    )
