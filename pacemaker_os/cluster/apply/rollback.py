"""Plans that revert an apply."""

from __future__ import annotations

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import Prepared, prepare_changes
from pacemaker_os.cluster.store.history import Record
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.diff.compare import Comparison


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
    return prepare_changes(cluster, Comparison(changes=reversed_changes), name=record.document, notes=notes)
