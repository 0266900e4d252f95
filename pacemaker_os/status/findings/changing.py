"""Findings about services that start, stop, or hang on nodes whose state is unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pacemaker_os.status.finding import Finding
from pacemaker_os.status.judgement import Name
from pacemaker_os.status.values import State
from pacemaker_os.text import abbreviate, fold

#: Maximum number of services that one finding names.
_NAMED = 8


def changing(state: State) -> Iterator[Finding]:
    """Report services that hang on nodes of unknown state, that start, and those that stop."""
    if any(service.judgement.state == "cluster-starting" for service in state.services):
        seconds = state.health.starting
        since = f" (for {seconds:.0f} s)" if seconds else ""
        yield Finding(
            code="cluster-starting",
            severity="warning",
            subject="cluster",
            text=f"the cluster is starting{since}: no designated controller (DC) is elected yet",
            advice="wait up to dc-deadtime (20 s by default); if the election does not finish, run:",
            command=("journalctl", "--unit", "pacemaker", "--since", "-5min"),
        )
    by_nodes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for service in state.services:
        if service.judgement.hangs_on:
            by_nodes[service.judgement.hangs_on].append(service.id)
    for nodes, names in by_nodes.items():
        verb = "hangs" if len(names) == 1 else "hang"
        they = "that node is" if len(nodes) == 1 else "these nodes are"
        yield Finding(
            code="service-hanging",
            severity="critical",
            subject=nodes[0],
            text=f"{abbreviate(names, _NAMED)} {verb} on {fold(nodes)} until {they} fenced",
        )
    if text := _texts(state, "starting"):
        yield Finding(code="service-starting", severity="warning", subject=text.split(" ")[0], text=text)
    if text := _texts(state, "stopping"):
        yield Finding(code="service-stopping", severity="notice", subject=text.split(" ")[0], text=text)


def _texts(state: State, name: Name) -> str:
    """Return a text about the services with this state, and those that wait for them."""
    services = [each for each in state.services if each.judgement.state == name]
    awaited = {each.id for each in services}
    waiting = [
        each.id
        for each in state.services
        if each.judgement.state == "waiting" and not awaited.isdisjoint(each.judgement.waits_for)
    ]
    after = f"; {abbreviate(waiting)} {'wait' if len(waiting) > 1 else 'waits'} for this" if waiting else ""
    texts = [f"{each.id} {each.judgement.text}" for each in services]
    return f"{abbreviate(texts, _NAMED, separator='; ')}{after}" if texts else ""
