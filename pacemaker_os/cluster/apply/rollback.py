"""Plans that revert an apply."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import Prepared, prepare_changes
from pacemaker_os.cluster.store.history import Record, read_history
from pacemaker_os.errors import ClusterError, Conflict
from pacemaker_os.plan.diff.compare import Comparison
from pacemaker_os.plan.diff.planned import ObjectConflict, planned
from pacemaker_os.text import abbreviate


def prepare_rollback(cluster: Cluster, record: Record) -> Prepared:
    """Plan the reversal of an apply on the current configuration.

    A schema upgrade is not reverted, because Pacemaker cannot downgrade a schema. Raises Conflict when an
    object that the apply wrote was changed later, ClusterError when there is nothing to roll back.
    """
    notes = []
    if record.upgrade is not None:
        notes.append(f"the schema stays at {record.upgrade.new}: Pacemaker cannot downgrade it")
        if not record.changes:
            message = f"cannot roll back apply '{record.id}': it only upgraded the schema; {notes[0]}"
            raise ClusterError(message, code="not-reversible")
    reversed_changes = tuple(change.reverse() for change in reversed(record.changes))
    found = Comparison(changes=reversed_changes)
    try:
        return prepare_changes(cluster, found, name=record.document, notes=notes)
    except ObjectConflict as conflict:
        raise Conflict(
            f"cannot roll back apply '{record.id}': {_explain(cluster, record, found, conflict)}. "
            "Nothing was written"
        ) from None


def _explain(cluster: Cluster, record: Record, found: Comparison, conflict: ObjectConflict) -> str:
    """Return the reason of a conflict, and the remedy: the history shows whether an apply caused it."""
    history = read_history(cluster.store, skip_invalid=True)
    ids = [each.id for each in history]
    later = history[: ids.index(record.id)] if record.id in ids else ()
    remaining = _without_reverted(later)
    if any(each.reverts == record.id for each in remaining):
        again = next(each for each in remaining if each.reverts == record.id)
        return f"'{again.id}' already rolled it back; to apply the change again, roll back '{again.id}'"
    keys = _conflicting_keys(cluster, found)
    what = _describe(found, keys) or f"{conflict.name} {conflict.reason}"
    for each in remaining:
        if keys & {change.key for change in each.changes}:
            return f"{what}; roll back the later apply '{each.id}' first, or edit the document and apply it"
    return f"{what} by another tool; edit the document and apply it"


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
