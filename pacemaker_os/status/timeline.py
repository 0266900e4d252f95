"""The timeline of a cluster: the last operations of each resource, and fencing.

The CIB status contains only the last operation of each kind for each resource on each node, with its time
(Pacemaker Explained, "Resource Operation History"). Earlier operations are not available.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from pacemaker_os.status.values import Fencing, State

#: Time without an event that separates two episodes, in seconds.
GAP = 60.0

#: Text of each operation on the timeline; a monitor is included only if it failed.
_TASKS = {
    "start": "started",
    "stop": "stopped",
    "promote": "promoted",
    "demote": "demoted",
    "migrate_to": "migrated away",
    "migrate_from": "migrated here",
    "monitor": "failed",
}

#: Exit statuses of a probe or monitor that are not failures: ok, not running, promoted, degraded.
_NOT_FAILURES = {"0", "7", "8", "190", "191", "193"}


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """An operation or a fencing action, with its time (in seconds since the epoch) and its duration."""

    when: float
    seconds: float
    node: str
    what: str
    done: str
    failed: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """Consecutive events with less than GAP between them."""

    events: tuple[Event, ...]

    @property
    def begin(self) -> datetime:
        """The time of the first event."""
        return datetime.fromtimestamp(self.events[0].when, UTC)

    @property
    def seconds(self) -> float:
        """The duration, in seconds."""
        return max(event.when + event.seconds for event in self.events) - self.events[0].when

    @property
    def title(self) -> str:
        """A summary: fencing and failures by name, and the number of other operations."""
        fenced = [event.what for event in self.events if event.done.startswith("fenced")]
        failed = sorted({event.what for event in self.events if event.failed})
        counts = Counter(event.done for event in self.events if not event.failed and event.what not in fenced)
        parts = [
            *([f"fenced {', '.join(dict.fromkeys(fenced))}"] if fenced else []),
            *([f"failed: {', '.join(failed[:4])}{' and more' if len(failed) > 4 else ''}"] if failed else []),
            *(f"{count} {done}" for done, count in counts.most_common()),
        ]
        return ", ".join(parts)


def episodes(cib: etree._Element, state: State) -> list[Episode]:
    """Return the episodes of a cluster, the latest first."""
    events = sorted([*_operations(cib), *_fencing(state.fenced)])
    return [Episode(tuple(group)) for group in reversed(list(_groups(events)))]


def _groups(events: Sequence[Event]) -> Iterator[list[Event]]:
    group: list[Event] = []
    for event in events:
        if group and event.when - max(each.when + each.seconds for each in group) > GAP:
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _operations(cib: etree._Element) -> Iterator[Event]:
    for state in cib.iterfind("status/node_state"):
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource"):
            for operation in resource.iterfind("lrm_rsc_op"):
                event = _event(operation, resource.get("id", ""), state.get("uname", ""))
                if event is not None:
                    yield event


def _event(operation: etree._Element, resource: str, node: str) -> Event | None:
    task, code = operation.get("operation", ""), operation.get("rc-code", "")
    when = operation.get("last-rc-change", "")
    failed = code != "0" if task != "monitor" else code not in _NOT_FAILURES
    failed = failed or operation.get("id", "").endswith("_last_failure_0")
    if task not in _TASKS or not when.isdigit() or (task == "monitor" and not failed):
        return None
    if operation.get("op-status") == "-1":
        return None
    return Event(
        when=float(when),
        seconds=int(operation.get("exec-time") or 0) / 1000,
        node=node,
        what=resource,
        done=f"{task} failed" if failed else _TASKS[task],
        failed=failed,
        reason=operation.get("exit-reason", ""),
    )


def _fencing(fenced: Iterable[Fencing]) -> Iterator[Event]:
    for event in fenced:
        try:
            when = datetime.fromisoformat(event.when).timestamp()
        except ValueError:
            continue
        succeeded = event.status == "success"
        done = f"fenced ({event.action})" if succeeded else f"fencing {event.status} ({event.action})"
        yield Event(when, 0.0, event.device, event.target, done, not succeeded, event.reason)
