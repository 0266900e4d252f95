"""Obstacles in the history of a resource: failures, failed probes, and missing promotion scores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lxml import etree

from pacemaker_os.cib.durations import milliseconds
from pacemaker_os.cib.values import INFINITY, score
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.obstacles.obstacle import Edit, Obstacle, remove
from pacemaker_os.plan.prediction.obstacles.subject import PROMOTED, Subject
from pacemaker_os.text import fold

#: Expected results of an operation: success, not running, promoted, and the degraded forms of them.
_EXPECTED = frozenset({"0", "7", "8", "190", "191", "193"})

#: Results after which a resource is not tried on this node again, with their names.
_HARD = {
    "2": "invalid parameter",
    "3": "unimplemented feature",
    "4": "insufficient privileges",
    "5": "not installed",
    "6": "not configured",
}


def failures(subject: Subject) -> Iterator[Obstacle]:
    """Yield the recorded failures of the resource, as one obstacle, with the time of the next try."""
    counts = dict(_counts(subject))
    failed = {
        node
        for node, operation in _operations(subject)
        if not _is_probe(operation) and _has_failed(operation)
    }
    nodes = sorted(failed | set(counts))
    if not nodes:
        return
    count = sum(each for each in counts.values() if each < INFINITY)
    times = f" {count} times" if count > 1 else ""
    retry = next_try(subject)
    again = f"is tried again at {retry:%Y-%m-%d %H:%M:%S %Z}" if retry else "is not tried again"
    yield Obstacle(
        key=f"failures:{subject.resource}",
        text=f"it failed{times} on {fold(nodes)} and {again} there",
        edit=_without_failures(subject.resource),
        place=True,
        advice="after you fix the cause, run:",
        command=("crm_resource", "--cleanup", "--resource", subject.resource),
    )


def probes(subject: Subject) -> Iterator[Obstacle]:
    """Yield the probes that found the resource not runnable on a node; crm_mon does not list these."""
    found: dict[str, str] = {}
    for node, operation in _operations(subject):
        result = _HARD.get(str(operation.get("rc-code")))
        if result is not None and _is_probe(operation) and (not subject.nodes or node in subject.nodes):
            found[node] = str(operation.get("exit-reason") or result)
    if not found:
        return
    nodes, reasons = sorted(found), list(dict.fromkeys(found.values()))
    where = ("--node", nodes[0]) if len(nodes) == 1 else ()
    yield Obstacle(
        key=f"probes:{subject.resource}",
        text=f"it could not be probed on {fold(nodes)} ({reasons[0]})",
        edit=_without_probes(subject.resource),
        place=True,
        advice="after you fix the cause, run:",
        command=("crm_resource", "--refresh", "--resource", subject.resource, *where),
    )


def promotion_scores(subject: Subject) -> Iterator[Obstacle]:
    """Yield the missing promotion scores, which the agent of a promotable resource sets."""
    if subject.role != PROMOTED:
        return
    names = (f"master-{subject.resource}", f"promotion-{subject.resource}")
    scores = [
        score(value) or 0 for _, name, value, _ in subject.around.attributes() if name.split(":")[0] in names
    ]
    if not any(each > 0 for each in scores):
        yield Obstacle(
            key=f"promotion:{subject.resource}",
            text="its agent offers no instance for promotion (no positive promotion score)",
            edit=_with_promotion_scores(subject.resource),
            objects=(),
            advice="to see the messages of the agent, run:",
            command=("journalctl", "--unit", "pacemaker", "--since", "-15min", "--grep", subject.resource),
        )


def _operations(subject: Subject) -> Iterator[tuple[str, etree._Element]]:
    """Yield the operations in the history of the resource, with the node."""
    for state in subject.around.cib.iterfind("status/node_state"):
        node = str(subject.around.node_names.get(str(state.get("id")), state.get("uname")))
        for history in state.iterfind("lrm/lrm_resources/lrm_resource"):
            if str(history.get("id")).split(":")[0] == subject.resource:
                for operation in history.iterfind("lrm_rsc_op"):
                    yield node, operation


def _is_probe(operation: etree._Element) -> bool:
    return operation.get("operation") == "monitor" and operation.get("interval", "0") == "0"


def _has_failed(operation: etree._Element) -> bool:
    pending = operation.get("op-status") == "-1"
    return not pending and operation.get("rc-code") not in _EXPECTED


def _attributes(subject: Subject, prefix: str) -> Iterator[tuple[str, str]]:
    for node, name, value, _ in subject.around.attributes():
        if name.startswith(f"{prefix}-{subject.resource}") and _of(name, prefix, subject.resource):
            yield node, value


def _of(name: str, prefix: str, resource: str) -> bool:
    """Return whether an attribute (`fail-count-R`, `fail-count-R:0#start_0`) is of a resource."""
    rest = name.removeprefix(f"{prefix}-{resource}")
    return rest == "" or rest[0] in "#:"


def _counts(subject: Subject) -> Iterator[tuple[str, int]]:
    totals: dict[str, int] = {}
    for node, value in _attributes(subject, "fail-count"):
        totals[node] = min(totals.get(node, 0) + (score(value) or 0), INFINITY)
    yield from totals.items()


def next_try(subject: Subject) -> datetime | None:
    """Return when the first node forgets its failures, or None (Pacemaker Explained, "failure-timeout")."""
    timeout = None
    holders = [*subject.elements, *subject.around.configuration.iterfind("rsc_defaults")]
    for holder in holders:
        for pair in holder.iterfind("meta_attributes/nvpair[@name='failure-timeout']"):
            timeout = timeout or milliseconds(str(pair.get("value", "")))
    if not timeout:
        return None
    last: dict[str, int] = {}
    for node, value in _attributes(subject, "last-failure"):
        if value.isdigit():
            last[node] = max(last.get(node, 0), int(value))
    if not last:
        return None
    zone = subject.now.tzinfo if subject.now is not None else UTC
    return datetime.fromtimestamp(min(last.values()), zone) + timedelta(milliseconds=timeout)


def _without_failures(resource: str) -> Edit:
    def edit(cib: etree._Element) -> None:
        for state in cib.iterfind("status/node_state"):
            for each in state.iterfind("transient_attributes/instance_attributes"):
                remove(
                    pair
                    for pair in each.iterfind("nvpair")
                    for prefix in ("fail-count", "last-failure")
                    if str(pair.get("name")).startswith(f"{prefix}-{resource}")
                    and _of(str(pair.get("name")), prefix, resource)
                )
            for history in state.iterfind("lrm/lrm_resources/lrm_resource"):
                if str(history.get("id")).split(":")[0] == resource:
                    remove(each for each in history if not _is_probe(each) and _has_failed(each))

    return edit


def _without_probes(resource: str) -> Edit:
    def edit(cib: etree._Element) -> None:
        for history in cib.iterfind("status/node_state/lrm/lrm_resources/lrm_resource"):
            if str(history.get("id")).split(":")[0] == resource:
                for each in history:
                    if _is_probe(each) and each.get("rc-code") in _HARD:
                        each.set("rc-code", "7")
                        each.set("transition-magic", f"0:7;{each.get('transition-key', '')}")

    return edit


def _with_promotion_scores(resource: str) -> Edit:
    def edit(cib: etree._Element) -> None:
        scored = simulated_status.with_promotion_scores(cib, [resource])
        status, other = cib.find("status"), scored.find("status")
        if status is not None and other is not None:
            cib.replace(status, other)

    return edit
