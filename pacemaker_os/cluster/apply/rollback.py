"""Plans that roll back an apply, or make it again.

A rollback of the newest apply restores the configuration before it, byte for byte. If other changes are on
top, the rollback of a named apply reverts the objects that this apply changed, and keeps the other changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.text import to_text
from pacemaker_os.cluster.apply.conflicts import explain
from pacemaker_os.cluster.apply.unrecorded import unrecorded_changes
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.applies import Applies, load_applies
from pacemaker_os.cluster.planning.planner import Prepared, prepare_changes
from pacemaker_os.cluster.store.mark import STOPPING
from pacemaker_os.cluster.store.record import Intent, Record
from pacemaker_os.cluster.store.states import StateName
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, Conflict
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.compare import Comparison
from pacemaker_os.plan.diff.planned import ObjectConflict
from pacemaker_os.text import abbreviate

#: The direction of a plan: revert an apply, or make it again.
Direction = Literal["rollback", "redo"]

#: Maximum number of unrecorded changes in a message.
LISTED = 6


@dataclass(frozen=True, slots=True)
class Reversal:
    """A plan, and what it is: the rollback of an apply, or its repetition."""

    prepared: Prepared
    intent: Intent


def rollback_newest(cluster: Cluster) -> Reversal:
    """Plan the rollback of the newest apply that is in effect.

    Raises Conflict if another tool made changes on top, ClusterError if there is nothing to roll back.
    """
    applies = load_applies(cluster)
    newest = applies.history.lineage.newest
    if newest is None or _is_missing(applies):
        raise _nothing(cluster, applies, "roll back")
    _check_unrecorded(cluster, applies, newest, "rollback")
    return _prepare(cluster, applies, newest, "rollback")


def redo_newest(cluster: Cluster) -> Reversal:
    """Plan to make the apply again that was rolled back last. Raises Conflict, ClusterError."""
    applies = load_applies(cluster)
    lineage = applies.history.lineage
    record = applies.history.find(lineage.undone[-1]) if lineage.undone else None
    if record is None or _is_missing(applies):
        raise _nothing(cluster, applies, "redo")
    _check_unrecorded(cluster, applies, None, "redo")
    return _prepare(cluster, applies, record, "redo")


def rollback_of(cluster: Cluster, identifier: str) -> Reversal:
    """Plan the rollback of the apply with this id; changes on top of it stay.

    Raises Conflict when an object that the apply wrote was changed later, ClusterError when the id is unknown
    or the apply was not written.
    """
    applies = load_applies(cluster)
    record = applies.history.find(identifier)
    if record is None:
        message = f"{cluster.name}: unknown apply '{identifier}'{_where(applies)}"
        remedy = f"to list the applies, run: {_command(cluster, 'history')}"
        raise ClusterError(f"{message}; {remedy}", code="no-history")
    if record.redoes:
        record = applies.history.find(record.redoes) or record
    if applies.history.lineage.state(record) == "not-written":
        message = f"cannot roll back apply '{record.id}': it was interrupted before it wrote anything"
        raise ClusterError(message, code="no-history")
    return _prepare(cluster, applies, record, "rollback")


def prepare_rollback(cluster: Cluster, record: Record) -> Reversal:
    """Plan the rollback of an apply whose record is at hand. Raises Conflict, ClusterError."""
    return _prepare(cluster, load_applies(cluster), record, "rollback")


def _prepare(cluster: Cluster, applies: Applies, record: Record, direction: Direction) -> Reversal:
    """Plan a rollback or a redo: exactly if the CIB is in the state that it starts from."""
    redo = direction == "redo"
    names: dict[str, str] = {"redoes": record.id} if redo else {"reverts": record.id}
    live = content.configuration(applies.snapshot.cib)
    start: StateName | None = "before" if redo else _state(record, content.digest(live))
    end: StateName = "after" if redo else "before"
    restored = record.states.configuration(end)
    exact = start is not None and record.states.digests.get(start) == content.digest(live)
    if exact and restored is not None and record.upgrade is None and not record.is_legacy:
        prepared = _exact(cluster, record, direction, live, restored, stopped=start == "stopped")
        if not content.same(content.configuration(prepared.base.cib), live):
            raise Conflict(
                f"conflict: the CIB changed to {prepared.base.version} in the meantime. Nothing was written; "
                "run the command again"
            )
        target = content.with_configuration(prepared.start, restored)
        return Reversal(replace(prepared, target=target), Intent(**names, mark=record.mark_after(end)))
    return Reversal(_by_object(cluster, applies, record, direction), Intent(**names))


def _state(record: Record, digest: str) -> StateName | None:
    """Return the state of an apply that the CIB is in, if it is one that a rollback starts from."""
    names: tuple[StateName, ...] = ("after", "stopped")
    return next((name for name in names if record.states.digests.get(name) == digest), None)


def _exact(
    cluster: Cluster,
    record: Record,
    direction: Direction,
    live: etree._Element,
    restored: etree._Element,
    *,
    stopped: bool,
) -> Prepared:
    """Plan with the changes of the record if they fit, else with whole objects."""
    objects = Comparison(changes=tuple(_object_changes(live, restored)))
    if stopped:
        return prepare_changes(cluster, objects, name=record.document)
    changes = record.changes if direction == "redo" else _reversed(record)
    try:
        return prepare_changes(cluster, Comparison(changes=changes), name=record.document)
    except ObjectConflict:
        return prepare_changes(cluster, objects, name=record.document)


def _reversed(record: Record) -> tuple[ConfigChange, ...]:
    return tuple(change.reverse() for change in reversed(record.changes))


def _object_changes(live: etree._Element, restored: etree._Element) -> Iterator[ConfigChange]:
    """Yield a change for each object that differs between two configurations."""
    before, after = _objects(live), _objects(restored)
    for section, tag, identifier in dict.fromkeys([*before, *after]):
        old, new = (each.get((section, tag, identifier)) for each in (before, after))
        if old != new:
            yield ConfigChange(
                key=f"{tag}:{identifier}",
                kind=tag,
                name=identifier,
                parent_path=((section, ()),),
                old=old,
                new=new,
            )


def _objects(configuration: etree._Element) -> dict[tuple[str, str, str], str]:
    return {
        (section.tag, element.tag, element.get("id", "")): to_text(element)
        for section in configuration
        if isinstance(section.tag, str)
        for element in section
        if isinstance(element.tag, str)
    }


def _by_object(cluster: Cluster, applies: Applies, record: Record, direction: Direction) -> Prepared:
    """Plan the reversal of the changes of a record on a configuration that has other changes, too.

    A schema upgrade is not reverted, because Pacemaker cannot downgrade a schema.
    """
    notes = []
    if record.upgrade is not None and direction == "rollback":
        notes.append(f"the schema stays at {record.upgrade.new}: Pacemaker cannot downgrade it")
        if not record.changes:
            message = f"cannot roll back apply '{record.id}': it only upgraded the schema; {notes[0]}"
            raise ClusterError(message, code="not-reversible")
    found = Comparison(changes=record.changes if direction == "redo" else _reversed(record))
    try:
        return prepare_changes(cluster, found, name=record.document, notes=notes)
    except ObjectConflict as conflict:
        verb = "redo" if direction == "redo" else "roll back"
        reason = explain(cluster, applies.history, record, found, conflict)
        raise Conflict(f"cannot {verb} apply '{record.id}': {reason}. Nothing was written") from None


def _check_unrecorded(
    cluster: Cluster, applies: Applies, record: Record | None, direction: Direction
) -> None:
    """Check that every change on top of an apply is recorded; without one, on top of the newest write."""
    newer = content.configuration(applies.snapshot.cib)
    for step in applies.history.lineage.steps:
        recorded = step.record.states.configuration(step.state)
        if recorded is None:
            # Records of earlier versions have no configurations; the changed objects are compared instead.
            return
        if changes := unrecorded_changes(recorded, newer):
            raise _on_top(cluster, applies, record or step.record, direction, changes)
        before = step.record.states.configuration("before")
        if record is None or step.record.id == record.id or before is None:
            return
        newer = before


def _on_top(
    cluster: Cluster, applies: Applies, record: Record, direction: Direction, changes: tuple[str, ...]
) -> Conflict:
    verb = "redo" if direction == "redo" else "roll back"
    what = abbreviate(changes, LISTED)
    message = f"cannot {verb}: the configuration has changes that no apply made{applies.later_author}: {what}"
    if direction == "redo":
        remedy = "undo them with the tool that made them, or apply the document again"
    else:
        command = _command(cluster, "rollback", record.id)
        remedy = f"undo them first, or to roll back only apply '{record.id}' and keep them, run: {command}"
    return Conflict(f"{message}. Nothing was written; {remedy}")


def _is_missing(applies: Applies) -> bool:
    """Return whether the newest write has no record."""
    return bool(applies.history.lineage.missing) and not applies.history.lineage.steps


def _nothing(cluster: Cluster, applies: Applies, verb: str) -> ClusterError:
    """Return the error if there is nothing to roll back or to redo, or if its record is not found."""
    if _is_missing(applies):
        mark = applies.history.lineage.missing
        identifier, half = mark.removesuffix(STOPPING), mark.endswith(STOPPING)
        what = "the first of its two writes" if half else "its change"
        message = (
            f"cannot {verb}: the CIB contains apply '{identifier}' ({what}), "
            f"and no reachable node has its record{_where(applies)}"
        )
        remedy = "connect to a node that has it, or apply the previous version of its document"
        return ClusterError(f"{message}; {remedy}", code="no-record")
    if verb == "redo":
        return ClusterError(f"{cluster.name}: no rollback to redo", code="no-history")
    none = "all applies were rolled back" if applies.history.lineage.steps else "no applies recorded"
    return ClusterError(f"{cluster.name}: {none}{_where(applies)}", code="no-history")


def _where(applies: Applies) -> str:
    return f" (not read: {', '.join(applies.unread)})" if applies.unread else ""


def _command(cluster: Cluster, *command: str) -> str:
    return cluster.target.command(("pcs-os", *command))
