"""The plan of an evacuation: the outcome for each instance if its host failed now."""

from __future__ import annotations

from dataclasses import dataclass

from pacemaker_os.agents.nova_evacuate.decide import capacity, limits, policy
from pacemaker_os.agents.nova_evacuate.engine.context import CloudContext
from pacemaker_os.agents.nova_evacuate.nova import forced_down
from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.values import Server, Service
    from pacemaker_os.agents.nova_evacuate.settings import Settings

#: Outcomes for an instance.
EVACUATED, SKIPPED, NO_CAPACITY = "evacuated", "skipped", "no-capacity"

#: Reason for an instance whose target cannot be predicted.
NO_PLACEMENT = "target unknown: Placement is not available"


@dataclass(frozen=True, slots=True)
class InstancePlan:
    """The predicted outcome for an instance.

    `target_host` has free capacity, but Nova's scheduler decides.
    """

    id: str
    name: str
    outcome: str
    target_host: str = ""
    reason: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class EvacuationPlan:
    """The predicted evacuation of a node. `notes` are conditions that an operator should know about."""

    node: str
    host: str
    instances: tuple[InstancePlan, ...]
    notes: tuple[str, ...]


def plan_evacuation(
    nova: Nova, settings: Settings, node: str, opened: Mapping[str, str], clock: Callable[[], float]
) -> EvacuationPlan:
    """Plan the evacuation of a node with the rules of the engine. Changes nothing.

    Raises Failure if Nova has no such host or does not respond.
    """
    services = nova.services()
    service = forced_down.find(services, settings.names(node))
    if service is None:
        known = ", ".join(sorted(each.host for each in services)) or "none"
        raise Failure(
            f"Nova has no compute service on host {' or '.join(settings.names(node))}; known hosts: {known}"
        )
    cloud = CloudContext(nova, clock)
    cloud.services = services
    rules = settings.policy()
    servers = nova.servers(host=service.host)
    servers.sort(key=lambda server: (-policy.priority(server, rules), server.id))
    taken = {service.host, *(name for each in opened for name in settings.names(each))}
    places = cloud.places(taken)
    instances = []
    for server in servers:
        around = cloud.instance_context(server, service.host, rules.kinds)
        why = policy.why_not(server, around, rules, ours=False)
        weight = policy.priority(server, rules)
        if why:
            instances.append(InstancePlan(server.id, server.name, SKIPPED, "", why, weight))
            continue
        if places is None:
            instances.append(
                InstancePlan(
                    server.id,
                    server.name,
                    EVACUATED,
                    "",
                    NO_PLACEMENT,
                    weight,
                )
            )
            continue
        host, why = to_where(server, service, places, cloud)
        places = capacity.without_instance(server, host, places)
        instances.append(
            InstancePlan(server.id, server.name, EVACUATED if host else NO_CAPACITY, host, why, weight)
        )
    return EvacuationPlan(
        node, service.host, tuple(instances), tuple(notes(service, services, settings, opened, node))
    )


def to_where(
    server: Server, service: Service, places: list[capacity.Place], cloud: CloudContext
) -> tuple[str, str]:
    """Return a host with free capacity for an instance, or the reason why there is none."""
    groups = cloud.groups_of(server.id)
    where = cloud.where(groups, server.id)
    return capacity.choose(server, places, groups, where, service.host)


def notes(
    service: Service,
    services: list[Service],
    settings: Settings,
    opened: Mapping[str, str],
    node: str,
) -> list[str]:
    """Return conditions that affect the evacuation as a whole."""
    found = []
    if forced_down.forced_down_by_operator(service):
        found.append("an operator forced this compute service down, so its instances would not be evacuated")
    if hold := limits.too_many({*opened, node}, len(services), settings.threshold):
        found.append(hold)
    if settings.delay:
        found.append(f"the evacuation starts {settings.delay:.0f} s after fencing (parameter 'delay')")
    if settings.reserves():
        found.append(f"reserved hosts: {', '.join(settings.reserves())}")
    return found
