"""Check operations that never run, and options that they cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.durations import milliseconds
from pacemaker_os.cib.resources import Operation, Primitive, Template
from pacemaker_os.cib.values import role
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.ignored.index import Index, find, is_true
from pacemaker_os.document.checks.walk import all_elements

#: Actions that Pacemaker never repeats (`op_cannot_recur()`).
_NEVER_RECURRING = ("start", "stop", "promote", "demote", "migrate_to", "migrate_from", "reload-agent")
#: Values of on-fail that a stop cannot have.
_NOT_FOR_STOP = ("standby", "demote", "stop")


def check_ignored_operations(cib: Cib) -> Iterator[LintFinding]:
    """Yield operations that Pacemaker never runs, and options that it replaces by their default."""
    index = Index.of(cib)
    promotable = {
        id(place.primitive)
        for place in index.places.values()
        if place.bundle is not None
        or (place.clone is not None and is_true(place.clone.meta_attributes, "promotable"))
    }
    for element, origin in all_elements(cib):
        if not isinstance(element, Primitive | Template) or element.operations is None:
            continue
        for operation in element.operations.operations:
            for message, code, is_warning in (
                *_recurring(operation, element, index),
                *_on_fail(operation, element, index.fencing_disabled),
                *_roles(operation, element, isinstance(element, Template) or id(element) in promotable),
            ):
                yield LintFinding(operation.origin or origin, message, code, is_warning)


def _recurring(
    operation: Operation, resource: Primitive | Template, index: Index
) -> Iterator[tuple[str, str, bool]]:
    interval = milliseconds(operation.interval or "0") or 0
    if operation.name in _NEVER_RECURRING and interval:
        message = f"'{operation.name}' of '{resource.id}' never runs with an interval; remove the interval"
        yield message, "never-runs", False
    place = index.places.get(resource.id or "")
    anonymous = (
        place is not None
        and place.clone is not None
        and not is_true(place.clone.meta_attributes, "globally-unique")
    )
    if interval and anonymous and role(operation.role or "") == "Stopped":
        message = (
            f"'{operation.name}' of '{resource.id}' with `role: Stopped` never runs: "
            "anonymous clones do not support it"
        )
        yield message, "never-runs", False
    if operation.interval_origin is not None and not interval:
        yield "'interval-origin' has no effect without an interval", "ignored", True


def _on_fail(
    operation: Operation, resource: Primitive | Template, fencing_disabled: bool
) -> Iterator[tuple[str, str, bool]]:
    pair = find(operation.meta_attributes, "on-fail")
    value = (operation.on_fail or (pair.value if pair else None) or "").lower()
    what = f"'on-fail: {value}' of operation '{operation.name}' of '{resource.id}'"
    recurring = milliseconds(operation.interval or "0") or 0
    promoted_monitor = operation.name == "monitor" and recurring and role(operation.role or "") == "Promoted"
    if operation.name == "stop" and value in _NOT_FOR_STOP:
        yield f"Pacemaker ignores {what}; a stop supports ignore, block and fence", "ignored", False
    elif value == "demote" and operation.name != "promote" and not promoted_monitor:
        message = f"Pacemaker ignores {what}; only promote, and a monitor with `role: Promoted`, support it"
        yield message, "ignored", False
    elif value == "fence" and fencing_disabled:
        yield f"Pacemaker uses 'stop' for {what}, because fencing is disabled", "ignored", False
    if value == "block" and find(resource.meta_attributes, "failure-timeout"):
        message = f"Pacemaker ignores 'failure-timeout' of '{resource.id}', because it conflicts with {what}"
        yield message, "ignored", True


def _roles(
    operation: Operation, resource: Primitive | Template, can_be_promoted: bool
) -> Iterator[tuple[str, str, bool]]:
    if role(operation.role or "") in ("Promoted", "Unpromoted") and not can_be_promoted:
        message = (
            f"'{operation.name}' of '{resource.id}' with `role: {operation.role}` never runs: "
            "the resource is not a promotable clone"
        )
        yield message, "never-runs", True
