"""Operations that did not go well, as `crm_mon` and the status of a CIB remember them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

from lxml import etree

#: From which count on Pacemaker takes a number for "without end".
_INFINITY = 1_000_000

#: What agents' failures are called (crm_mon's words for the OCF exit statuses 1 to 6).
_STATUSES = {
    "1": "error",
    "2": "invalid parameter",
    "3": "unimplemented feature",
    "4": "insufficient privileges",
    "5": "not installed",
    "6": "not configured",
}

#: Answers of a monitor that serves but is less than well, Started and Promoted (OCF_DEGRADED and
#: OCF_DEGRADED_PROMOTED of the OCF resource agent API 1.1): Pacemaker lists them, and does nothing.
_DEGRADED = ("190", "191")


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation that failed and was not cleaned up since; or, `degraded`, one that all but failed.

    `status` is what its exit status means, `reason` the agent's own words, `when` a time with its zone
    in ISO 8601; `count` is how often the resource failed on the node, `threshold` how often it may before
    it must leave (0: as often as it likes). `call` tells operations of the same kind from each other.
    `degraded`: the monitor said that the service runs, and is less than well; it has not failed.
    """

    resource: str
    task: str
    node: str
    status: str
    reason: str = ""
    when: str = ""
    call: str = ""
    count: int = 0
    threshold: int = 0
    degraded: bool = False


def read_failures(result: etree._Element) -> tuple[Failure, ...]:
    """What `crm_mon` lists as failed operations, the latest first."""
    found = [_failure(each, result) for each in result.iterfind("failures/failure")]
    return tuple(sorted(found, key=lambda failure: failure.when, reverse=True))


def read_failed_probes(cib: etree._Element) -> Iterator[Failure]:
    """Yield what agents said when they could not even look, from the status of a `<cib>`.

    crm_mon does not list these: that a service is not installed on some node is no failure by itself.
    """
    for state in cib.iterfind("status/node_state"):
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource"):
            for operation in resource.iterfind("lrm_rsc_op[@operation='monitor'][@interval='0']"):
                status = _STATUSES.get(operation.get("rc-code", ""))
                if status and operation.get("id", "").endswith("_last_0"):
                    yield Failure(
                        resource=resource.get("id", ""),
                        task="probe",
                        node=state.get("uname", ""),
                        status=status,
                        reason=plain(operation.get("exit-reason", "")),
                        when=_since_1970(operation.get("last-rc-change", "")),
                        call=operation.get("call-id", ""),
                    )


def plain(reason: str) -> str:
    """An agent's words: crm_mon says `none` where it said nothing, and escapes what it said twice."""
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


def _since_1970(seconds: str) -> str:
    if not seconds.isdigit():
        return seconds
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds")


def _failure(element: etree._Element, result: etree._Element) -> Failure:
    # crm_mon calls the key of an operation that was given up `id`.
    key = element.get("op_key") or element.get("id") or ""
    resource, task = key, element.get("task", "")
    if key.count("_") >= 2:
        resource, said, _ = key.rsplit("_", 2)
        task = task or said
    node = element.get("node", "")
    count, threshold = _counts(result, resource, node)
    degraded = element.get("exitcode") in _DEGRADED
    return Failure(
        resource=resource,
        task="probe" if task == "monitor" and element.get("interval", "0") == "0" else task,
        node=node,
        status="degraded" if degraded else _status(element),
        reason=plain(element.get("exitreason", "")),
        when=moment(element.get("last-rc-change", "")),
        call=element.get("call", ""),
        count=count,
        threshold=threshold,
        degraded=degraded,
    )


def _status(element: etree._Element) -> str:
    """What the exit status means; of an operation that was given up, after how long it was."""
    ended = element.get("status", "complete")
    if ended in ("complete", "Error"):
        return element.get("exitstatus", "")
    took = element.get("exec", "")
    return (
        f"{ended.lower()} after {int(took) / 1000:g} s" if took.isdigit() and took != "0" else ended.lower()
    )


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
