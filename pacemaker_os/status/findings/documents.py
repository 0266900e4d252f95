"""Findings about drift: differences from the applied documents."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import State
from pacemaker_os.text import abbreviate


def drifted(state: State) -> Iterator[Finding]:
    """Report documents with objects that were changed or removed after the document was applied."""
    for drift in state.documents:
        changed = [f"{name} ({abbreviate(paths)})" if paths else name for name, paths in drift.changed]
        parts = [
            *([f"{abbreviate(changed)} changed"] if changed else []),
            *([f"{abbreviate(drift.removed)} removed"] if drift.removed else []),
        ]
        if parts:
            yield Finding(
                code="drift",
                severity="warning",
                subject=drift.document,
                text=f"drift: {' and '.join(parts)} after {drift.document} was applied",
                advice=f"to see what another apply would change, run (DOC: the files of '{drift.document}'):",
                command=("pcs-os", "plan", "DOC"),
            )
