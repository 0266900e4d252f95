"""The apply history as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pacemaker_os.cluster.observe.applies import Applies
from pacemaker_os.cluster.store.lineage import State
from pacemaker_os.cluster.store.mark import STOPPING
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.plan.diff.ownership_changes import owner_entries
from pacemaker_os.render.plan.changes import SIGNS
from pacemaker_os.render.terminal import open_console
from pacemaker_os.text import abbreviate

#: What the history says about applies that did not simply succeed, and the style of the line.
_STATES: dict[State, tuple[str, str]] = {
    "failed": ("failed", "critical"),
    "interrupted": ("interrupted after the write", "critical"),
    "stopped": ("interrupted between its two writes: resources were stopped, but not removed", "critical"),
    "unfinished": ("interrupted after the write, or still running", "critical"),
    "rolled-back": ("rolled back", "quiet"),
    "not-written": ("not written: interrupted before the write", "quiet"),
    "replaced": ("no longer in the CIB: an older configuration was restored", "warning"),
    "unknown": ("unknown whether it was written", "warning"),
}


def print_history(applies: Applies, unrecorded: tuple[str, ...] = (), *, color: bool | None = None) -> None:
    """Print the applies, the newest first. `unrecorded` are changes on top that no apply made."""
    console = open_console(color=color)
    for line, style in history_lines(applies, unrecorded):
        console.print(line, style=style)


def history_lines(applies: Applies, unrecorded: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield each line with its style."""
    records, lineage = applies.history.records, applies.history.lineage
    if not records and not lineage.missing:
        yield "No applies recorded.", "quiet"
    if unrecorded:
        yield f"Changes that no apply made{applies.later_author}: {abbreviate(unrecorded)}", "warning"
    if applies.problem:
        yield f"Not compared with the CIB: {applies.problem}", "warning"
    elif lineage.missing and not lineage.steps:
        yield _missing(lineage.missing, applies.unread), "critical"
    for record in records:
        yield from _record_lines(applies, record)


def _missing(mark: str, unread: tuple[str, ...]) -> str:
    identifier, half = mark.removesuffix(STOPPING), mark.endswith(STOPPING)
    what = " (the first of its two writes)" if half else ""
    where = f" (not read: {', '.join(unread)})" if unread else ""
    return f"{identifier}  written{what}, but no reachable node has its record{where}"


def _record_lines(applies: Applies, record: Record) -> Iterator[tuple[str, str]]:
    reverts = f"  (rolls back {record.reverts})" if record.reverts else ""
    redoes = f"  (makes {record.redoes} again)" if record.redoes else ""
    by = f"  by {record.writer}" if str(record.writer) else ""
    versions = f"{record.before} -> {record.after}"
    yield f"{record.id}  {record.document}  {versions}{by}{reverts}{redoes}", "name"
    text, style = state_text(applies, record)
    if text:
        yield f"    {text}", style
    changes = [change for change in record.changes if not change.is_ownership]
    upgrade = [f"~ schema {record.upgrade.old} -> {record.upgrade.new}"] if record.upgrade else []
    entries = upgrade + [f"{SIGNS[each.action]} {each.kind} {each.name}" for each in changes]
    if entries:
        yield f"    {abbreviate(entries)}", ""
    if owners := list(owner_entries(record.changes)):
        yield f"    owners: {abbreviate(owners)}", ""


def state_text(applies: Applies, record: Record) -> tuple[str, str]:
    """Return the state of an apply and its style; empty if it succeeded."""
    state = applies.history.lineage.state(record)
    runs = record.writer.runs
    if state in ("unfinished", "not-written", "stopped") and record.progress in _OPEN and runs:
        return f"running (process {record.writer.pid} on {record.writer.host})", "warning"
    if state == "unfinished" and runs is False:
        return _STATES["interrupted"]
    if state == "unfinished":
        text, style = _STATES[state]
        return f"{text} on {record.writer.host}", style
    text, style = _STATES.get(state, ("", ""))
    if state == "rolled-back":
        text = f"rolled back by {applies.history.lineage.rolled_back[record.id]}"
    return text, style


#: Progress after which the writer still has something to do.
_OPEN = ("prepared", "stopped", "written")


def history_data(applies: Applies, unrecorded: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the applies as JSON data, the newest first."""
    lineage = applies.history.lineage
    missing: list[dict[str, Any]] = []
    if lineage.missing and not lineage.steps and not applies.problem:
        text = _missing(lineage.missing, applies.unread).partition("  ")[2]
        missing.append(
            {"id": lineage.missing.removesuffix(STOPPING), "state": "no-record", "explanation": text}
        )
    return missing + [
        record.summary()
        | {
            "state": lineage.state(record),
            "explanation": state_text(applies, record)[0],
            "unrecorded_since": list(unrecorded) if _is_newest(applies, record) else [],
        }
        for record in applies.history.records
    ]


def _is_newest(applies: Applies, record: Record) -> bool:
    steps = applies.history.lineage.steps
    return bool(steps) and steps[0].record.id == record.id
