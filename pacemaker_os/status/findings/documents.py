"""Findings about what differs from the applied documents."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.values import Finding, State
from pacemaker_os.text import abbreviate


def drifted(state: State) -> Iterator[Finding]:
    """Documents whose objects somebody changed or removed since they were applied."""
    for drift in state.documents:
        changed = [f"{name} ({abbreviate(places)})" if places else name for name, places in drift.changed]
        parts = [
            *([f"changed {abbreviate(changed)}"] if changed else []),
            *([f"removed {abbreviate(drift.removed)}"] if drift.removed else []),
        ]
        if parts:
            yield Finding(
                code="drift",
                severity="warning",
                subject=drift.document,
                text=f"somebody {' and '.join(parts)} since {drift.document} was applied",
                advice="what applying it again would do",
                command=("pcs-os", "plan", f"{drift.document}.cib.yaml"),
            )
