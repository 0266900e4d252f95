"""Findings about the configuration: what Pacemaker itself calls an error or a warning."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.plan.verification import CONFIGURATION
from pacemaker_os.status.finding import Finding, Severity
from pacemaker_os.status.values import State

_SEVERITIES: dict[str, Severity] = {"error": "warning", "warning": "notice"}


def verified(state: State) -> Iterator[Finding]:
    """Report each message of Pacemaker. Where it finds an error, it ignores part of the configuration."""
    for each in state.verification:
        about = "" if each.object == CONFIGURATION else f"{each.object}: "
        yield Finding(
            code=f"configuration-{each.level}",
            severity=_SEVERITIES[each.level],
            subject=each.object,
            text=f"{about}Pacemaker reports: {each.text}",
            advice=f"declared at {each.origin}" if each.origin else "",
        )
