"""Explain why an apply cannot be rolled back: which objects changed since, and who changed them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.store.history import History
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.plan.diff.compare import Comparison
from pacemaker_os.plan.diff.planned import ObjectConflict, planned
from pacemaker_os.text import abbreviate


def explain(
    cluster: Cluster, history: History, record: Record, found: Comparison, conflict: ObjectConflict
) -> str:
    """Return the reason of a conflict, and the remedy: the history shows whether an apply caused it."""
    records = history.written
    ids = [each.id for each in records]
    later = records[: ids.index(record.id)] if record.id in ids else ()
    remaining = _without_reverted(later)
    if any(each.reverts == record.id for each in remaining):
        again = next(each for each in remaining if each.reverts == record.id)
        command = _rollback(cluster, again.id)
        return f"'{again.id}' already rolled it back; to apply the change again, run: {command}"
    keys = _conflicting_keys(cluster, found)
    what = _describe(found, keys) or f"{conflict.name} {conflict.reason}"
    for each in remaining:
        if keys & {change.key for change in each.changes}:
            first = f"roll back the later apply '{each.id}' first ({_rollback(cluster, each.id)})"
            return f"{what}; {first}, or edit the document and apply it"
    return f"{what} by another tool; edit the document and apply it"


def _rollback(cluster: Cluster, identifier: str) -> str:
    return cluster.target.command(("pcs-os", "rollback", identifier))


def _without_reverted(records: Iterable[Record]) -> list[Record]:
    """Return the applies, the newest first, without rolled-back ones and the rollbacks of these."""
    records, reverted, remaining = list(records), set(), []
    ids = {record.id for record in records}
    for record in records:
        if record.id in reverted:
            continue
        if record.reverts in ids:
            reverted.add(record.reverts)
            continue
        remaining.append(record)
    return remaining


def _conflicting_keys(cluster: Cluster, found: Comparison) -> set[str]:
    """Return the keys of the changes that conflict with the live configuration."""
    cib, keys = cluster.query().cib, set()
    for change in found.changes:
        try:
            planned(cib, [change])
        except ObjectConflict:
            keys.add(change.key)
    return keys


def _describe(found: Comparison, keys: Collection[str]) -> str:
    """Return which objects changed; the ownership record only if nothing else did."""
    changes = [change for change in found.changes if change.key in keys]
    objects = [change for change in changes if not change.is_ownership]
    names = [f"{change.kind} '{change.name}'" for change in objects]
    if not objects:
        names = [f"the objects that document '{change.name}' owns" for change in changes]
    return f"{abbreviate(names)} changed since" if names else ""
