"""Failures and fencing, read from what `crm_mon --output-as=xml` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import unescape

from lxml import etree

from pacemaker_os.cluster.state.values import Failure, Fencing, Service
from pacemaker_os.plan.running import read_failed_probes

#: From which count on Pacemaker takes a number for "without end".
_INFINITY = 1_000_000


def read_failures(result: etree._Element) -> tuple[Failure, ...]:
    """The failed operations, the latest first."""
    found = [_failure(each, result) for each in result.iterfind("failures/failure")]
    return tuple(sorted(found, key=lambda failure: failure.when, reverse=True))


def read_probes(cib: etree._Element, services: Iterable[Service]) -> Iterator[Failure]:
    """Yield what agents said when they could not even look, of services that run nowhere: that is why.

    crm_mon does not list these, because of a service that runs elsewhere they are no failure.
    """
    idle = {name for service in services if not service.runs for name in (service.id, *service.parts)}
    for probe in read_failed_probes(cib):
        if probe.resource.split(":")[0] in idle:
            yield Failure(
                resource=probe.resource,
                task=probe.task,
                node=probe.node,
                status=probe.status,
                reason=_words(probe.reason),
                when=moment(probe.when),
            )


def read_fencing(result: etree._Element) -> tuple[Fencing, ...]:
    """What was fenced, or should have been, the latest first. A CIB file has no such history."""
    return tuple(_fencing(result))


def _failure(element: etree._Element, result: etree._Element) -> Failure:
    # crm_mon calls the key of an operation that was given up `id`.
    key = element.get("op_key") or element.get("id") or ""
    resource, task = key, element.get("task", "")
    if key.count("_") >= 2:
        resource, said, _ = key.rsplit("_", 2)
        task = task or said
    node = element.get("node", "")
    count, threshold = _counts(result, resource, node)
    status = element.get("exitstatus", "")
    ended = element.get("status", "complete")
    return Failure(
        resource=resource,
        task="probe" if task == "monitor" and element.get("interval", "0") == "0" else task,
        node=node,
        status=status if ended in ("complete", "Error") else f"{ended.lower()}{_after(element)}",
        reason=_words(element.get("exitreason", "")),
        when=moment(element.get("last-rc-change", "")),
        count=count,
        threshold=threshold,
    )


def _after(element: etree._Element) -> str:
    """How long the operation took before it was given up."""
    milliseconds = element.get("exec", "")
    return f" after {int(milliseconds) / 1000:g} s" if milliseconds.isdigit() and milliseconds != "0" else ""


def _counts(result: etree._Element, resource: str, node: str) -> tuple[int, int]:
    """How often the resource failed on the node, and how often it may (0 when without end)."""
    for home in result.iterfind("node_history/node"):
        for history in home.iterfind("resource_history"):
            if home.get("name") == node and history.get("id", "").split(":")[0] == resource.split(":")[0]:
                threshold = _number(history.get("migration-threshold"))
                return _number(history.get("fail-count")), 0 if threshold >= _INFINITY else threshold
    return 0, 0


def _number(text: str | None) -> int:
    if text == "INFINITY":
        return _INFINITY
    return int(text) if text and text.isdigit() else 0


def _words(reason: str) -> str:
    """The agent's words: crm_mon says `none` where it said nothing, and escapes what it said twice."""
    return "" if reason == "none" else " ".join(unescape(reason).split())


def moment(text: str) -> str:
    """A time of crm_mon (`2022-12-02 17:04:36Z`, `Wed Mar  1 21:01:20 2023`) in ISO 8601."""
    try:
        return datetime.fromisoformat(text).isoformat(timespec="seconds")
    except ValueError:
        pass
    for form in ("%a %b %d %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S %z"):
        try:
            return datetime.strptime(text.strip(), form).astimezone().isoformat(timespec="seconds")
        except ValueError:
            continue
    return text


def _fencing(result: etree._Element) -> Iterator[Fencing]:
    for event in result.iterfind("fence_history/fence_event"):
        yield Fencing(
            target=event.get("target", ""),
            action=event.get("action", ""),
            status=event.get("status", ""),
            device=event.get("device") or event.get("delegate") or "",
            client=event.get("client", ""),
            when=moment(event.get("completed", "")),
            reason=_words(event.get("exit-reason", "")),
        )
