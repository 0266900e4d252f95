"""The cluster status as text: problems and the commands that fix them come first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from textwrap import wrap

from pacemaker_os.cluster import Target
from pacemaker_os.render.status.commands import next_step
from pacemaker_os.render.terminal import Line, line, print_lines
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.judgement import Name
from pacemaker_os.status.values import Node, Service, State
from pacemaker_os.text import abbreviate, fold, quantity

#: Number of services above which services with the same roles on the same nodes share a line.
MANY = 20

#: States that are described in words, even where an instance has a role.
_IN_WORDS = ("starting", "stopping", "waiting", "hanging", "unknown")

#: Short words for some states.
_SHORT: dict[Name, str] = {"cannot-run": "Stopped", "stopped": "Stopped", "unknown": "unknown"}

Piece = tuple[str, str]
Pieces = list[Piece]

#: Styles of node states that are not critical.
_NODE_STYLES = {
    "online": "good",
    "unknown": "quiet",
    "standby": "warning",
    "maintenance": "warning",
    "pending": "warning",
}

_SIGNS = {"critical": "!", "warning": "~", "notice": "-"}

#: The style of each severity.
STYLES = {"critical": "critical", "warning": "warning", "notice": ""}


def print_status(state: State, target: Target, *, many: int = MANY, color: bool | None = None) -> None:
    """Print the status to standard output; up to `many` services have a line each."""
    print_lines(lambda width: status_lines(state, target, width, many=many), color=color)


def status_lines(state: State, target: Target, width: int, *, many: int = MANY) -> Iterator[Line]:
    """Yield the lines of the status for a width in columns."""
    for pieces in _lines(state, target, width, many):
        yield line(*pieces)


def _lines(state: State, target: Target, width: int, many: int) -> Iterator[Pieces]:
    yield from _head(state, width)
    problems = [finding for finding in state.findings if finding.severity != "notice"]
    notices = [finding for finding in state.findings if finding.severity == "notice"]
    for title, findings in (("Problems", problems), ("Notices", notices)):
        if findings:
            yield []
            yield [(title, "title")]
            for finding in findings:
                yield from _finding(finding, target, [node.name for node in state.nodes], width)
    yield []
    yield [("Nodes", "title")]
    names = max((len(node.name) for node in state.nodes), default=0)
    yield from (_node(node, names) for node in state.nodes)
    if not state.nodes:
        yield [("  none", "quiet")]
    yield []
    yield [("Services", "title")]
    yield from _services(state, width, many)
    if state.documents:
        yield []
        yield [("Documents", "title")]
        yield from _documents(state)


def _head(state: State, width: int) -> Iterator[Pieces]:
    about = [*([f"Pacemaker {state.version}"] if state.version else []), f"CIB {state.cib}"]
    yield [("Cluster ", ""), (state.cluster, "name"), (f"  ({', '.join(about)})", "quiet")]
    known = _is_known(state)
    pieces: Pieces = []
    if known:
        online = sum(node.online for node in state.members)
        complete = online == len(state.members)
        pieces = [
            (f"{online} of {len(state.members)} nodes online", "" if complete else "warning"),
            (", ", ""),
            ("quorum", "") if state.quorum else ("no quorum", "critical"),
            (", ", ""),
            ("fencing on", "") if state.fencing and state.devices else ("no fencing", "warning"),
            (", ", ""),
        ]
        running, expected = _counts(state)
        pieces.append((f"{running} of {expected} services run", "" if running == expected else "critical"))
    else:
        nodes, services = quantity(len(state.nodes), "node"), quantity(len(state.services), "service")
        pieces = [(f"{nodes}, {services}; no status", "quiet")]
    if known and state.is_well:
        pieces.append((": no problems", "good"))
    elif known and all(finding.severity == "notice" for finding in state.findings):
        notices = quantity(len(state.findings), "notice") if state.findings else "not as declared"
        pieces.append((f": {notices}", "warning"))
    yield pieces


def _is_known(state: State) -> bool:
    """Return whether the cluster has a status; a CIB file may have none."""
    return any(node.state != "unknown" for node in state.nodes)


def _counts(state: State) -> tuple[int, int]:
    expected = list(state.expected_services())
    return sum(service.judgement.serves for service in expected), len(expected)


def _finding(finding: Finding, target: Target, nodes: Collection[str], width: int) -> Iterator[Pieces]:
    sign, style = _SIGNS[finding.severity], STYLES[finding.severity]
    yield from _wrapped(f"  {sign} ", finding.text, style, width)
    if finding.reason:
        yield from _wrapped("      ", finding.reason, "", width)
    for each in finding.lines:
        yield [("      | ", "quiet"), (each, "")]
    advice, command = next_step(finding, target, nodes)
    if not command:
        yield from _wrapped("      ", advice, "quiet", width)
    elif len(advice) + len(command) + 7 <= width:
        yield [("      ", ""), (f"{advice} " if advice else "", "quiet"), (command, "name")]
    else:
        # A command stays on one line so that it can be copied.
        yield from _wrapped("      ", advice, "quiet", width)
        yield [("        ", ""), (command, "name")]


def _wrapped(head: str, text: str, style: str, width: int) -> Iterator[Pieces]:
    for number, part in enumerate(wrap(text, max(width - len(head), 20), break_on_hyphens=False)):
        yield [(head if number == 0 else " " * len(head), style), (part, style)]


def _indented(head: str, text: str, style: str, width: int) -> Iterator[Pieces]:
    """Yield lines with a text that is wrapped behind its head."""
    for (start, _), *rest in _wrapped(head, text, style, width):
        yield [(start, ""), *rest]


def _node(node: Node, width: int) -> Pieces:
    style = _NODE_STYLES.get(node.state, "critical")
    details = [*(["DC"] if node.is_dc else []), *([node.kind] if node.kind != "member" else [])]
    count = f"{node.running} running" if node.online else ""
    last = f"{count:<12}{' '.join(details)}".rstrip()
    return [
        (f"  {node.name:<{width}}  ", ""),
        (f"{node.state:<12}" if last else node.state, style),
        (last, "quiet"),
    ]


def _services(state: State, width: int, many: int) -> Iterator[Pieces]:
    services = state.services
    if not services:
        yield [("  none", "quiet")]
        return
    if len(services) <= many:
        yield from _rows(services, width)
        return
    inconspicuous = [
        each for each in services if each.judgement.is_well and each.placements and not _flags(each)
    ]
    yield from _rows([service for service in services if service not in inconspicuous], width)
    yield from _by_placement(inconspicuous, width)


def _rows(services: Sequence[Service], width: int) -> Iterator[Pieces]:
    """Yield a line per service."""
    names = min(max((len(service.id) for service in services), default=0), 36)
    for service in services:
        pieces, head = _state(service), f"  {service.id:<{names}}  "
        if len(pieces) == 1 and len(head) + len(pieces[0][0]) > width:
            yield from _indented(head, *pieces[0], width)
            continue
        length = names + 4 + sum(len(text) for text, _ in pieces)
        last = f"  {_agent(service)}"
        if length + len(last) <= width:
            pieces.append((f"{'':<{max(0, 34 - length + names)}}{last}"[: width - length], "quiet"))
        yield [(head, ""), *pieces]


def _by_placement(services: Iterable[Service], width: int) -> Iterator[Pieces]:
    """Yield a line per placement, and below it the services with this placement."""
    placements: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for service in services:
        key = tuple((placement.role, fold(placement.nodes)) for placement in service.placements)
        placements.setdefault(key, []).append(service.id)
    for key, names in sorted(placements.items(), key=lambda item: (item[0][0][0] == "Started", item[0])):
        yield [("  ", ""), *_roles(key), (f"  ({len(names)})" if len(names) > 1 else "", "quiet")]
        yield from _wrapped("    ", " ".join(names), "", width)


def _state(service: Service) -> Pieces:
    """Return the judgement of a service: its roles with their nodes and its flags, or why it has none."""
    judgement = service.judgement
    roles = [(placement.role, fold(placement.nodes)) for placement in service.placements]
    if not roles or judgement.state in _IN_WORDS:
        severity = judgement.severity
        style = STYLES[severity] if severity else "warning" if judgement.state == "stopped" else "quiet"
        words = _SHORT.get(judgement.state) or judgement.text.removeprefix("is ")
        return [(words, style)]
    pieces = [*_roles(roles), *((f" {flag}", style) for flag, style in _flags(service))]
    if judgement.failed_on:
        pieces.append((f" not on {fold(judgement.failed_on)}", "critical"))
    return pieces


def _roles(roles: Iterable[tuple[str, str]]) -> Iterator[Piece]:
    for number, (role, nodes) in enumerate(roles):
        yield f"{', ' if number else ''}{role} ", "good"
        yield nodes, ""


def _flags(service: Service) -> list[Piece]:
    flags = [
        ("FAILED", "critical", service.failed),
        ("blocked", "critical", service.blocked),
        ("degraded", "warning", service.degraded),
        ("orphaned", "warning", service.orphaned),
        ("maintenance", "warning", service.maintenance),
        ("unmanaged", "warning", not service.managed and not service.maintenance),
    ]
    hanging = [
        (f"{placement.role} {fold(placement.nodes)} UNCLEAN", "critical") for placement in service.hanging
    ]
    pending = [(f"({action})", "warning") for action in service.pending]
    return [*hanging, *((flag, style) for flag, style, applies in flags if applies), *pending]


def _agent(service: Service) -> str:
    """Return the agent of a service, and its group."""
    return f"{service.agent}{f' in {service.group}' if service.group else ''}"


def _documents(state: State) -> Iterator[Pieces]:
    if names := [drift.document for drift in state.documents if drift.gone]:
        yield [(f"  without objects in the cluster: {abbreviate(names)}", "quiet")]
    for drift in state.documents:
        if drift.gone:
            continue
        differing = len(drift.changed) + len(drift.removed)
        same = drift.objects - differing - drift.unknown
        counts = [
            *([f"{same} unchanged"] if same else []),
            *([f"{differing} changed"] if differing else []),
            *([f"{drift.unknown} without apply history"] if drift.unknown else []),
        ]
        yield [
            (f"  {drift.document}: {quantity(drift.objects, 'object')}, ", ""),
            (", ".join(counts), "warning" if differing else "quiet"),
        ]
