"""Failed operations, read from the output of `crm_mon` and from the status of a CIB."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

from lxml import etree

from pacemaker_os.dataclass import dataclass

#: Pacemaker treats counts from this value on as INFINITY.
_INFINITY = 1_000_000

#: Names of the OCF exit statuses 1 to 6, as crm_mon prints them.
_STATUSES = {
    "1": "error",
    "2": "invalid parameter",
    "3": "unimplemented feature",
    "4": "insufficient privileges",
    "5": "not installed",
    "6": "not configured",
}

#: Exit statuses of the monitor of a degraded service (OCF_DEGRADED and OCF_DEGRADED_PROMOTED of the OCF
#: resource agent API 1.1). Pacemaker lists them, but takes no action.
_DEGRADED = ("190", "191")


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed operation that was not cleaned up, or the report of a degraded service.

    `status` is the name of its exit status, `reason` its exit reason, and `when` a time with its zone in
    ISO 8601. `count` is the fail count of the resource on the node, and `threshold` its migration threshold
    (0: unlimited). `call` distinguishes operations of the same kind. `degraded` means that the service runs
    but its monitor reports a problem; it has not failed.
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
    """Return the failed operations in the output of `crm_mon`, the latest first."""
    found = [_failure(each, result) for each in result.iterfind("failures/failure")]
    return tuple(sorted(found, key=lambda failure: failure.when, reverse=True))


def read_failed_probes(cib: etree._Element) -> Iterator[Failure]:
    """Yield the failed probes in the status of a `<cib>`.

    crm_mon does not list these, because a service that is not installed on a node has not failed there.
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
    """Return an exit reason without the `none` and the double escaping of crm_mon."""
    return "" if reason == "none" else " ".join(unescape(reason).split())


def moment(text: str) -> str:
    """Convert a time of crm_mon (`2022-12-02 17:04:36Z`, `Wed Mar  1 21:01:20 2023`) to ISO 8601."""
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
    # crm_mon uses the attribute `id` for the key of an operation that timed out.
    key = element.get("op_key") or element.get("id") or ""
    resource, task = key, element.get("task", "")
    if key.count("_") >= 2:
        resource, key_task, _ = key.rsplit("_", 2)
        task = task or key_task
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
    """Return the name of the exit status, or the state of an unfinished operation with its duration."""
    state = element.get("status", "complete")
    if state in ("complete", "Error"):
        return element.get("exitstatus", "")
    duration = element.get("exec", "")
    if not duration.isdigit() or duration == "0":
        return state.lower()
    return f"{state.lower()} after {int(duration) / 1000:g} s"


def _counts(result: etree._Element, resource: str, node: str) -> tuple[int, int]:
    """Return fail count and migration threshold of a resource on a node (0: unlimited)."""
    for entry in result.iterfind("node_history/node"):
        for history in entry.iterfind("resource_history"):
            if entry.get("name") == node and history.get("id", "").split(":")[0] == resource.split(":")[0]:
                threshold = _number(history.get("migration-threshold"))
                return _number(history.get("fail-count")), 0 if threshold >= _INFINITY else threshold
    return 0, 0


def _number(text: str | None) -> int:
    if text == "INFINITY":
        return _INFINITY
    return int(text) if text and text.isdigit() else 0
