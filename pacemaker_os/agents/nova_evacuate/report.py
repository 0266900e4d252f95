"""The report of a poll cycle: for the log, for `pcs-os instances`, and for Prometheus."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from urllib.parse import quote, unquote

from pacemaker_os.agents.nova_evacuate.decide.states import FINAL, NEEDS_ATTENTION, State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


#: States that depend on time, which only a long-running engine knows.
TIMED_STATES = frozenset({State.WAITING, State.STUCK, State.FAILED})


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a fenced node."""

    id: str
    name: str
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """A fenced node with its evacuation request and the states of its instances.

    `note` is what it waits for.
    """

    node: str
    host: str
    request: str
    instances: tuple[Instance, ...] = ()
    note: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the evacuation of every instance has ended."""
        return all(instance.state in FINAL for instance in self.instances)


@dataclass(slots=True)
class Report:
    """The result of a poll cycle."""

    hosts: list[Host] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    reenabled: list[str] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    restarted: list[str] = field(default_factory=list)
    poll_soon: bool = False

    @property
    def problems(self) -> list[str]:
        """The problems that need attention, most important first."""
        wrong = [
            f"{instance.name} ({instance.id}) of {host.node}: {instance.state} {instance.reason}".rstrip()
            for host in self.hosts
            for instance in host.instances
            if instance.state in NEEDS_ATTENTION
        ]
        return [*self.errors, *wrong]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return asdict(self) | {"problems": self.problems}

    def to_engine_report(self) -> str:
        """Return what only a long-running engine knows: the instances in TIMED_STATES, with reasons."""
        groups: dict[tuple[str, str], list[str]] = {}
        for host in self.hosts:
            for each in host.instances:
                if each.state in TIMED_STATES:
                    groups.setdefault((each.state, each.reason), []).append(each.id)
        entries = [[state, reason, found] for (state, reason), found in groups.items()]
        return quote(json.dumps(entries)) if entries else ""

    def merge_engine_report(self, reports: Iterable[str]) -> None:
        """Take over the states that a long-running engine reported."""
        known = {
            uuid: (State(state), str(reason))
            for text in reports
            for state, reason, found in json.loads(unquote(text))
            for uuid in found
            if state in TIMED_STATES
        }
        for at, host in enumerate(self.hosts):
            merged = [
                replace(each, state=known[each.id][0], reason=known[each.id][1])
                if each.id in known and each.state not in FINAL
                else each
                for each in host.instances
            ]
            self.hosts[at] = replace(host, instances=tuple(merged))

    def summary(self) -> str:
        """Return one line for the agent: `ok`, or the problems."""
        return "; ".join(self.problems) or "ok"


#: The metrics: name, help text, type.
METRICS = {
    "requests": ("Evacuation requests that are open.", "gauge"),
    "instances": ("Instances of fenced compute nodes, by state.", "gauge"),
    "requested_total": ("Evacuations that this engine has requested since its start.", "counter"),
    "reenabled_total": (
        "Compute services that this engine has re-enabled, or restored to their previous "
        "state, since its start.",
        "counter",
    ),
    "problems": ("Problems that need attention.", "gauge"),
    "last_poll_timestamp_seconds": ("Time of the last poll cycle, in seconds since 1970.", "gauge"),
}


def metrics(report: Report, *, requested: int, reenabled: int, now: float) -> str:
    """Return the metrics as text for the textfile collector of node_exporter."""
    counts = Counter((host.node, str(instance.state)) for host in report.hosts for instance in host.instances)
    values: dict[str, list[tuple[str, float]]] = {
        "requests": [("", len(report.hosts))],
        "instances": [
            (f'{{node="{label(node)}",state="{label(state)}"}}', count)
            for (node, state), count in sorted(counts.items())
        ],
        "requested_total": [("", requested)],
        "reenabled_total": [("", reenabled)],
        "problems": [("", len(report.problems))],
        "last_poll_timestamp_seconds": [("", round(now, 3))],
    }
    return "\n".join(lines(values)) + "\n"


def lines(values: dict[str, list[tuple[str, float]]]) -> Iterator[str]:
    """Yield the lines of the metrics file."""
    for name, samples in values.items():
        full = f"pacemaker_os_evacuation_{name}"
        help_text, kind = METRICS[name]
        yield f"# HELP {full} {help_text}"
        yield f"# TYPE {full} {kind}"
        yield from (f"{full}{labels} {value}" for labels, value in samples)


def label(text: str) -> str:
    """Return text as a label value."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", " ")
