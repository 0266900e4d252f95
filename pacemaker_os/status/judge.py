"""Judges services: from their roles, the states of nodes, the failures, and what the scheduler does next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pacemaker_os.plan.prediction.simulation import Action, Simulation
from pacemaker_os.status.clock import clock
from pacemaker_os.status.judgement import Judgement, hanging_text
from pacemaker_os.status.values import Placement, Service, State
from pacemaker_os.text import abbreviate, fold

#: Actions after which a resource runs or is promoted, with the words for them.
_BRINGS_UP = {
    "start": "is starting",
    "recover": "is being recovered",
    "restart": "is restarting",
    "move": "is moving",
    "migrate": "is migrating",
    "promote": "is being promoted",
    "re-promote": "is being promoted again",
}

#: Actions that interrupt a resource that runs.
_INTERRUPTS = ("recover", "restart", "move", "migrate", "re-promote")

#: Roles in which an instance does its work.
_SERVING = ("Started", "Promoted", "Unpromoted")

_NEVER_PROMOTED = ("Stopped", "Unpromoted")


def with_judgements(state: State, simulation: Simulation | None = None) -> State:
    """Return the state with a judgement of each service.

    `simulation` is what the scheduler does with the current CIB. Without it, a service that does not run is
    not known to be starting.
    """
    unclean = frozenset(node.name for node in state.nodes if node.state == "unclean")
    services = tuple(_without_unclean(service, unclean) for service in state.services)
    judge = _Judge(replace(state, services=services), simulation)
    judged = {service.id: judge.judge(service) for service in services}
    for name in _waiting_in_circles(judged):
        judged[name] = replace(judged[name], state="cannot-run", text="is stopped", waits_for=())
    return replace(
        state, services=tuple(replace(service, judgement=judged[service.id]) for service in services)
    )


def unexplained(state: State) -> list[tuple[str, str]]:
    """Return the services that do not run for reasons of their own, each with the role that it lacks."""
    if state.common_reason:
        return []
    roles = {"cannot-run": "", "not-promoted": "Promoted"}
    judged = ((service.id, service.judgement.state) for service in state.services)
    return [(name, roles[judgement]) for name, judgement in judged if judgement in roles]


def _without_unclean(service: Service, unclean: Collection[str]) -> Service:
    """Return a service whose instances on nodes of unknown state are not counted as running."""
    known, hanging = [], []
    for placement in service.placements:
        lost = tuple(node for node in placement.nodes if node in unclean)
        left = tuple(node for node in placement.nodes if node not in unclean)
        if lost:
            hanging.append(Placement(placement.role, lost))
        if left:
            known.append(Placement(placement.role, left))
    return (
        replace(service, placements=tuple(known), hanging=(*service.hanging, *hanging))
        if hanging
        else service
    )


def _waiting_in_circles(judged: Mapping[str, Judgement]) -> list[str]:
    """Return the services that wait for each other alone, so that waiting is not why they do not run."""
    found = []
    for name, judgement in judged.items():
        ahead, seen, ends = list(judgement.waits_for), set[str](), False
        while ahead and not ends:
            each = ahead.pop()
            if each not in seen:
                seen.add(each)
                ends = each not in judged or judged[each].state != "waiting"
                ahead += () if ends else judged[each].waits_for
        if name in seen and not ends:
            found.append(name)
    return found


class _Judge:
    """Judges the services of one state."""

    def __init__(self, state: State, simulation: Simulation | None) -> None:
        self._state = state
        self._known = any(node.state != "unknown" for node in state.nodes)
        self._online = {node.name for node in state.nodes if node.state in ("online", "maintenance")}
        actions: Sequence[Action] = () if simulation is None else simulation.actions
        self._actions: dict[str, list[Action]] = defaultdict(list)
        for action in actions:
            if not action.blocked and action.verb != "fence":
                self._actions[action.resource.split(":")[0]].append(action)
        self._loops = {action.resource.split(":")[0]: action.loop for action in actions if action.loop}
        self._to_fence = sorted({action.node for action in actions if action.verb == "fence"})
        self._services: Mapping[str, Service] = {service.id: service for service in state.services}

    def judge(self, service: Service) -> Judgement:
        """Return the judgement of a service."""
        serving = _nodes(service, _SERVING)
        hangs_on = tuple(node for placement in service.hanging for node in placement.nodes)
        if not self._known:
            return Judgement(state="unknown", text="has no known state")
        if self._state.live and not self._state.dc and not serving and not hangs_on:
            return Judgement(state="cluster-starting", text="is not started: the cluster has no DC yet")
        if service.orphaned:
            text = (
                f"runs on {fold(service.nodes)} but is no longer configured" if service.runs else "is stopped"
            )
            return Judgement(state="orphaned" if service.runs else "stopped", text=text)
        if service.blocked:
            where = f" on {fold(service.nodes)}" if service.runs else ""
            return Judgement(state="blocked", text=f"is blocked{where}", failed_on=self._failed_on(service))
        if service.target_role == "Stopped":
            return self._stopped(service, serving, hangs_on)
        if not serving:
            return self._down(service, hangs_on)
        return self._up(service, serving, hangs_on)

    def _stopped(self, service: Service, serving: tuple[str, ...], hangs_on: tuple[str, ...]) -> Judgement:
        """Return the judgement of a service that must not run."""
        if hangs_on:
            return Judgement(state="hanging", text=hanging_text(hangs_on), hangs_on=hangs_on)
        if not service.runs:
            return Judgement(state="stopped", text="is stopped by its target-role")
        if self._is_held(service):
            return Judgement(state="held", text=f"runs on {fold(serving)}; {_hold(service)}")
        loop = next((loop for name in (service.id, *service.parts) if (loop := self._loops.get(name))), ())
        never = f", but never will: order loop: {' after '.join(loop)}" if loop else ""
        return Judgement(state="stopping", text=f"is stopping on {fold(service.nodes)}{never}")

    def _down(self, service: Service, hangs_on: tuple[str, ...]) -> Judgement:
        """Return the judgement of a service that must run, and of which no instance works."""
        if hangs_on:
            return Judgement(state="hanging", text=hanging_text(hangs_on), hangs_on=hangs_on)
        failed_on = self._failed_on(service)
        if self._is_held(service):
            return Judgement(state="unmanaged-down", text=f"is down; {_hold(service)}", failed_on=failed_on)
        waits_for = tuple(need for need in service.needs if self._is_down(need))
        coming = self._coming(service)
        if _nodes(service, ("Starting", "Promoting")) or "Starting" in service.pending:
            return Judgement(
                state="starting", text=_with_nodes("is starting", _nodes(service, ("Starting",)))
            )
        if waits_for:
            return Judgement(state="waiting", text=f"waits for {abbreviate(waits_for)}", waits_for=waits_for)
        if coming:
            return Judgement(state="starting", text=self._coming_text(coming))
        if service.pending or _nodes(service, ("Stopping",)):
            stopping = "Stopping" in service.pending or _nodes(service, ("Stopping",))
            text = "is stopping" if stopping else "is being probed"
            return Judgement(state="stopping" if stopping else "starting", text=text)
        return Judgement(state="cannot-run", text="is stopped", failed_on=failed_on)

    def _up(self, service: Service, serving: tuple[str, ...], hangs_on: tuple[str, ...]) -> Judgement:
        """Return the judgement of a service of which at least one instance works."""
        coming = self._coming(service)
        lacks_promoted = _lacks_promoted(service)
        if lacks_promoted and any(each.role == "Promoted" for each in service.hanging):
            return Judgement(
                state="hanging", text=f"is not promoted; {hanging_text(hangs_on)}", hangs_on=hangs_on
            )
        if service.kind in ("primitive", "bundle") or len(serving) == 1:
            interrupted = [each for each in coming if each.verb in _INTERRUPTS and each.source in serving]
            if interrupted and not hangs_on:
                return Judgement(state="starting", text=self._coming_text(interrupted))
        if lacks_promoted and not self._is_held(service):
            promotions = [each for each in coming if each.verb in ("promote", "re-promote")]
            if promotions or "Promoting" in service.pending:
                return Judgement(state="starting", text=self._coming_text(promotions))
            return Judgement(
                state="not-promoted", text="is not promoted on any node", failed_on=self._failed_on(service)
            )
        if not coming and self._is_stopping(service, serving):
            return Judgement(state="stopping", text=f"is stopping on {fold(serving)}")
        failed_on = self._failed_on(service) if service.kind not in ("primitive", "bundle") else ()
        starting = tuple(
            dict.fromkeys(
                [
                    *_nodes(service, ("Starting",)),
                    *(
                        each.node
                        for each in coming
                        if each.verb in ("start", "recover") and each.node not in serving
                    ),
                ]
            )
        )
        if failed_on or hangs_on or starting:
            return self._partial(service, serving, failed_on, hangs_on, starting)
        if service.degraded:
            return Judgement(state="degraded", text=f"runs on {fold(serving)}, degraded")
        if self._is_held(service):
            return Judgement(state="held", text=f"runs on {fold(serving)}; {_hold(service)}")
        return Judgement(state="running", text=f"runs on {fold(serving)}")

    def _partial(
        self,
        service: Service,
        serving: tuple[str, ...],
        failed_on: tuple[str, ...],
        hangs_on: tuple[str, ...],
        starting: tuple[str, ...],
    ) -> Judgement:
        total = len({*serving, *failed_on, *hangs_on, *starting})
        retry = self._state.retries.get(service.id, "")
        again = f"is not retried there before {clock(retry)}" if retry else "is not retried there"
        parts = [
            f"runs on {len(set(serving))} of {total} nodes",
            *([f"failed on {fold(failed_on)} and {again}"] if failed_on else []),
            *([hanging_text(hangs_on)] if hangs_on else []),
            *([f"is starting on {fold(starting)}"] if starting else []),
        ]
        return Judgement(state="partial", text="; ".join(parts), failed_on=failed_on, hangs_on=hangs_on)

    def _coming(self, service: Service) -> list[Action]:
        """Return the actions of the scheduler after which the service runs or is promoted."""
        names = (service.id, *service.parts)
        return [each for name in names for each in self._actions.get(name, ()) if each.verb in _BRINGS_UP]

    def _coming_text(self, coming: Sequence[Action]) -> str:
        if not coming:
            return "is being promoted"
        text = _with_nodes(_BRINGS_UP[coming[0].verb], tuple(dict.fromkeys(each.node for each in coming)))
        verb = "is" if len(self._to_fence) == 1 else "are"
        return f"{text} after {fold(self._to_fence)} {verb} fenced" if self._to_fence else text

    def _is_stopping(self, service: Service, serving: Collection[str]) -> bool:
        stops = (each for name in (service.id, *service.parts) for each in self._actions.get(name, ()))
        return {each.source for each in stops if each.verb == "stop"} >= set(serving)

    def _is_held(self, service: Service) -> bool:
        """Return whether the cluster takes no action on a service."""
        return not service.managed or service.maintenance

    def _is_down(self, name: str) -> bool:
        service = self._services.get(name)
        return service is not None and not _nodes(service, _SERVING)

    def _failed_on(self, service: Service) -> tuple[str, ...]:
        """Return the online nodes where a service failed, does not run, and is not started again."""
        names = {service.id, *service.parts}
        failed = (each for each in self._state.failures if each.resource.split(":")[0] in names)
        starting = {each.node for each in self._coming(service)} | {*_nodes(service, ("Starting",))}
        away = {each.node for each in failed if not each.degraded} - set(service.nodes) - starting
        return tuple(sorted(away & self._online))


def _nodes(service: Service, roles: Iterable[str]) -> tuple[str, ...]:
    """Return the nodes where a service has one of the roles."""
    return tuple(node for each in service.placements if each.role in roles for node in each.nodes)


def _with_nodes(text: str, nodes: tuple[str, ...]) -> str:
    known = [node for node in nodes if node]
    return f"{text} on {fold(known)}" if known else text


def _hold(service: Service) -> str:
    """Return why the cluster takes no action on a service."""
    return "it is in maintenance mode" if service.maintenance else "it is unmanaged"


def _lacks_promoted(service: Service) -> bool:
    roles = {placement.role for placement in service.placements}
    return (
        service.kind == "promotable"
        and service.target_role not in _NEVER_PROMOTED
        and roles == {"Unpromoted"}
    )
