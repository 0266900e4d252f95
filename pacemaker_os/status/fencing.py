"""Why nodes were fenced, and why fencing fails, from the logs of the nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from pacemaker_os.dataclass import dataclass
from pacemaker_os.status.health.excerpts import excerpt, mask, printable
from pacemaker_os.status.health.node_facts import LogLine, NodeFacts
from pacemaker_os.status.values import Fencing

#: Time before the end of fencing in which its reason is in the log, and between two decisions about one
#: failure, in seconds.
_BEFORE, _GAP = 900.0, 120.0

_FENCED = re.compile(r"(?:Cluster|Remote|Guest) node (\S+) will be fenced(?: \(by [^)]*\))?: (.*)")
_RESULT = re.compile(r"Unexpected result \((.*)\) was recorded for (\S+) of (\S+) on (\S+) at ")
_FAILED_THERE = re.compile(r"(\S+) failed there")
_GAVE_UP = re.compile(r"Too many failures \((\d+)\) to fence (\S+), giving up")
_AGENT = re.compile(r"(\S+)\[(\d+)\] stderr: \[ ?(.*?) ?\]$")
_OPERATION = re.compile(r"Operation '(\S+)' \[(\d+)\] (?:targeting (\S+) )?using (\S+) returned (-?\d+)")

#: The reasons of the scheduler (Pacemaker: lib/pengine/unpack.c), explained.
_REASONS = {
    "peer is no longer part of the cluster": "it left the cluster without a shutdown (power, network or "
    "corosync failed, or it did not respond)",
    "peer process is no longer available": "Pacemaker's controller on it failed or did not respond",
    "peer failed Pacemaker membership criteria": "it did not join the cluster as a member",
    "peer has not been seen by the cluster": "it was not seen since the cluster started (startup-fencing)",
    "peer is unexpectedly down": "it went down unexpectedly",
    "node is unclean": "its state was unknown",
    "remote connection is unrecoverable": "its connection failed and could not be recovered",
}

#: Beginnings of the lines of fence agents that do not explain a failure.
_EMPTY_LINES = ("Please use '-h' for usage",)


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The end of the attempts to fence a node, after a number of failures."""

    node: str
    when: float
    failures: int


def fencing_reason(event: Fencing, facts: Iterable[NodeFacts]) -> str:
    """Return why a node is or was fenced; empty if no log that could be read tells.

    The first decision of a series counts: once a node is being fenced, it also leaves the cluster.
    """
    program = event.client.partition("@")[0].rpartition(".")[0] or event.client
    if program and not program.startswith(("pacemaker-controld", "crmd")):
        return f"requested with {program}"
    until = _seconds(event.when)
    lines = sorted((line for each in facts for line in each.log), key=lambda line: line.when)
    lines = [line for line in lines if line.daemon == "pacemaker-schedulerd" and line.when <= until + 2]
    decided = [(line, match) for line in lines if (match := _FENCED.match(line.text))]
    mine = [(line, match[2]) for line, match in decided if match[1].lower() == event.target.lower()]
    if not mine or mine[-1][0].when < until - _BEFORE:
        return ""
    first = mine[-1]
    for each in reversed(mine):
        if first[0].when - each[0].when > _GAP:
            break
        first = each
    return _explained(first[1], first[0], event.target, lines)


def _explained(reason: str, decision: LogLine, node: str, lines: Iterable[LogLine]) -> str:
    """Return a reason of the scheduler in words, with the failed operation that it names."""
    failed = _FAILED_THERE.match(reason)
    if failed is None:
        return _REASONS.get(reason, printable(mask(reason)))
    found = ""
    for line in lines:
        match = _RESULT.match(line.text)
        if match and decision.when - _GAP <= line.when <= decision.when:
            result, operation, resource, where = match.groups()
            if resource.split(":")[0] == failed[1].split(":")[0] and where == node:
                found = f"{operation} of {resource} failed: {printable(mask(result))}"
    return found or printable(reason)


def gave_up(facts: Iterable[NodeFacts], fenced: Iterable[Fencing]) -> Iterator[GaveUp]:
    """Yield the nodes that Pacemaker no longer tries to fence, unless fencing succeeded later."""
    latest: dict[str, GaveUp] = {}
    for line in sorted((line for each in facts for line in each.log), key=lambda line: line.when):
        if line.daemon == "pacemaker-controld" and (match := _GAVE_UP.match(line.text)):
            known = latest.get(match[2])
            since = known.when if known and line.when - known.when < _BEFORE else line.when
            latest[match[2]] = GaveUp(match[2], since, int(match[1]))
    succeeded = {
        each.target: max(_seconds(other.when) for other in fenced if _succeeded(other, each.target))
        for each in fenced
        if _succeeded(each, each.target)
    }
    yield from (each for each in latest.values() if succeeded.get(each.node, 0.0) < each.when)


def _succeeded(event: Fencing, target: str) -> bool:
    return event.status == "success" and event.target == target


def agent_lines(device: str, facts: Iterable[NodeFacts]) -> tuple[tuple[str, ...], str]:
    """Return the last lines of the agent of a device at its last failure, and the node where it ran."""
    latest: tuple[float, tuple[str, ...], str] = (0.0, (), "")
    for each in facts:
        lines = [line for line in each.log if line.daemon == "pacemaker-fenced"]
        for line in lines:
            match = _OPERATION.match(line.text)
            if match is None or match[4] != device or match[5] == "0" or line.when <= latest[0]:
                continue
            printed = [
                found[3] for other in lines if (found := _AGENT.match(other.text)) and found[2] == match[2]
            ]
            latest = line.when, excerpt(map(_undated, printed), 3), each.node
    return latest[1], latest[2]


def _undated(line: str) -> str:
    """Return a line of an agent without its time and level; empty if it does not explain a failure."""
    text = re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:,\d+)? (?:[A-Z]+: )?", "", line)
    return "" if text.startswith(_EMPTY_LINES) else text


def _seconds(when: str) -> float:
    """Return a time in seconds since the epoch; that of an event in progress is now."""
    try:
        return datetime.fromisoformat(when).timestamp()
    except ValueError:
        return datetime.now().timestamp()
