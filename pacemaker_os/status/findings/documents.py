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
        if parts and not drift.gone:
            files = drift.files or ("DOC",)
            where = (
                "where these files are"
                if drift.files
                else f"with the files of document '{drift.document}' as DOC"
            )
            yield Finding(
                code="drift",
                severity="warning",
                subject=drift.document,
                text=f"drift: {' and '.join(parts)} after {drift.document} was applied",
                advice=f"to see what another apply would change, {where}, run:",
                command=("pcs-os", "plan", *files),
            )


def gone(state: State) -> Iterator[Finding]:
    """Report all documents whose objects are gone from the cluster, as one finding."""
    names = [drift.document for drift in state.documents if drift.gone]
    if names:
        documents = f"{len(names)} documents ({abbreviate(names)})" if len(names) > 1 else names[0]
        yield Finding(
            code="documents-gone",
            severity="warning",
            subject=names[0],
            text=f"drift: every object of {documents} is gone from the cluster",
            advice=f"unless you need {'them' if len(names) > 1 else 'it'} again, run:",
            command=("pcs-os", "forget", *names),
        )
