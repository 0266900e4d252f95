"""What an engine saw and did in one look: for the log, for `pcs-os instances`, for Prometheus."""

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


#: States that follow from how long something has been so.
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
    """A fenced node: the request for it, and what became of its instances. `note` says what it waits for."""

    node: str
    host: str
    request: str
    instances: tuple[Instance, ...] = ()
    note: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every instance is accounted for."""
        return all(instance.state in FINAL for instance in self.instances)


@dataclass(slots=True)
class Report:
    """One look."""

    hosts: list[Host] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    reenabled: list[str] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    restarted: list[str] = field(default_factory=list)
    poll_soon: bool = False

    @property
    def problems(self) -> list[str]:
        """What a person should look at, most important first."""
        wrong = [
            f"{instance.name} ({instance.id}) of {host.node}: {instance.state} {instance.reason}".rstrip()
            for host in self.hosts
            for instance in host.instances
            if instance.state in NEEDS_ATTENTION
        ]
        return [*self.errors, *wrong]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self) | {"problems": self.problems}

    def to_engine_report(self) -> str:
        """What only an engine knows that looked before: what waits or is stuck, and why."""
        groups: dict[tuple[str, str], list[str]] = {}
        for host in self.hosts:
            for each in host.instances:
                if each.state in TIMED_STATES:
                    groups.setdefault((each.state, each.reason), []).append(each.id)
        said = [[state, reason, found] for (state, reason), found in groups.items()]
        return quote(json.dumps(said)) if said else ""

    def merge_engine_report(self, words: Iterable[str]) -> None:
        """Take over what an engine says of instances that it has looked at for longer."""
        known = {
            uuid: (State(state), str(reason))
            for text in words
            for state, reason, found in json.loads(unquote(text))
            for uuid in found
        }
        for at, host in enumerate(self.hosts):
            told = [
                replace(each, state=known[each.id][0], reason=known[each.id][1])
                if each.id in known and each.state not in FINAL
                else each
                for each in host.instances
            ]
            self.hosts[at] = replace(host, instances=tuple(told))

    def summary(self) -> str:
        """One line for the agent: `ok`, or what is wrong."""
        return "; ".join(self.problems) or "ok"


#: What Prometheus is told: name, what it is, its type.
METRICS = {
    "requests": ("Fenced compute nodes whose instances are not all accounted for.", "gauge"),
    "instances": ("Instances of fenced compute nodes, by what becomes of them.", "gauge"),
    "requested_total": ("Evacuations that this engine asked for since it was started.", "counter"),
    "reenabled_total": ("Compute nodes that this engine gave back to Nova since it was started.", "counter"),
    "problems": ("Things that a person should look at.", "gauge"),
    "last_poll_timestamp_seconds": ("When the engine looked last, in seconds since 1970.", "gauge"),
}


def metrics(report: Report, *, requested: int, reenabled: int, now: float) -> str:
    """A text file for the node_exporter's textfile collector."""
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
    """The file, line by line."""
    for name, samples in values.items():
        full = f"pacemaker_os_evacuation_{name}"
        help_text, kind = METRICS[name]
        yield f"# HELP {full} {help_text}"
        yield f"# TYPE {full} {kind}"
        yield from (f"{full}{labels} {value}" for labels, value in samples)


def label(text: str) -> str:
    """A label's value."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", " ")
