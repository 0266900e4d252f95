"""The last lines of journals and agents for failed services that give no reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pacemaker_os.status.failures import Failure
from pacemaker_os.status.fencing import agent_lines
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.health.node_facts import journal
from pacemaker_os.status.health.queries import output_of
from pacemaker_os.status.values import Service, State

#: Classes of agents whose services are units of systemd.
_SYSTEMD = ("systemd:", "service:", "lsb:")


def with_excerpt(finding: Finding, state: State) -> Finding:
    """Return a finding about a failed service with the last lines of its journal or agent.

    Without these lines, the advice names the command that shows them on the node.
    """
    service = next((each for each in state.services if each.id == finding.subject), None)
    if service is None or finding.lines or not finding.code.startswith("service-"):
        return finding
    for failure in _unexplained(service, state):
        if lines := _lines(service, failure, state):
            return replace(finding, lines=lines)
        if command := _command(service, failure):
            shown = f"to see its last messages on {failure.node}: {command}"
            return replace(finding, reason=f"{finding.reason}; {shown}" if finding.reason else shown)
    return finding


def _unexplained(service: Service, state: State) -> Iterator[Failure]:
    """Yield the failures of a service without an exit reason of its agent, the latest first."""
    for each in state.failures:
        mine = each.resource.split(":")[0] in {service.id, *service.parts}
        if mine and (_unit(service) or not each.reason):
            yield each


def _lines(service: Service, failure: Failure, state: State) -> tuple[str, ...]:
    nodes = state.health.nodes
    if service.agent.startswith("stonith:"):
        return agent_lines(service.id, nodes)[0]
    facts = next((each for each in nodes if each.node == failure.node), None)
    if facts is None:
        return ()
    if unit := _unit(service):
        return journal(facts, unit)
    operation = "monitor" if failure.task == "probe" else failure.task
    prefixes = tuple(f"{name}_{operation}_" for name in (failure.resource, failure.resource.split(":")[0]))
    keys = dict.fromkeys(line.text.partition("[")[0] for line in reversed(facts.log))
    return next((found for key in keys if key.startswith(prefixes) and (found := output_of(key, facts))), ())


def _command(service: Service, failure: Failure) -> str:
    unit = _unit(service)
    return f"journalctl -u {unit} -n 20" if unit and failure.node else ""


def _unit(service: Service) -> str:
    """Return the unit of a service; empty if it has none."""
    return service.agent.partition(":")[2] if service.agent.startswith(_SYSTEMD) else ""
