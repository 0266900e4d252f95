"""Check operations."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.durations import milliseconds
from pacemaker_os.cib.resources import Operation, Primitive, Template
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements


def check_operations(cib: Cib) -> Iterator[LintFinding]:
    """Yield recurring operations with the same name and interval; Pacemaker runs only one of them."""
    for resource, origin in all_elements(cib):
        if not isinstance(resource, Primitive | Template) or resource.operations is None:
            continue
        seen: dict[tuple[str, float], Operation] = {}
        for operation in resource.operations.operations:
            key = (operation.name or "", milliseconds(operation.interval or "0") or 0)
            if key in seen and key[1]:
                message = (
                    f"resource '{resource.id}' has two '{operation.name}' operations with interval "
                    f"{operation.interval}; Pacemaker ignores the second, so use different intervals"
                )
                yield LintFinding(operation.origin or origin, message, "interval-clash")
            seen[key] = operation
