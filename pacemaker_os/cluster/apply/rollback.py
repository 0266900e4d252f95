"""Plans that revert an apply."""

from __future__ import annotations

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import Prepared, prepare_changes
from pacemaker_os.cluster.store.history import Record
from pacemaker_os.errors import ClusterError, Conflict
from pacemaker_os.plan.diff.compare import Comparison
from pacemaker_os.plan.diff.planned import ObjectConflict


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
            raise ClusterError(message, code="no-way-back")
    reversed_changes = tuple(change.reverse() for change in reversed(record.changes))
    found = Comparison(changes=reversed_changes)
    try:
        return prepare_changes(cluster, found, name=record.document, notes=notes)
    except ObjectConflict as conflict:
        raise Conflict(
            f"cannot roll back apply '{record.id}': {conflict.name} {conflict.reason} after it. Nothing was "
            "written; roll back the later change first, or change the document and apply it"
        ) from None
