"""The apply history as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pacemaker_os.cluster.store.history import Record
from pacemaker_os.render.plan.changes import SIGNS
from pacemaker_os.render.terminal import open_console
from pacemaker_os.text import abbreviate


def print_history(records: Iterable[Record], *, color: bool | None = None) -> None:
    """Print the applies, the newest first."""
    console = open_console(color=color)
    for line, style in history_lines(records):
        console.print(line, style=style)


def history_lines(records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Yield each line with its style."""
    records = list(records)
    if not records:
        yield "No applies recorded.", "quiet"
    for record in records:
        reverts = f"  (rolls back {record.reverts})" if record.reverts else ""
        yield f"{record.id}  {record.document}  {record.before} -> {record.after}{reverts}", "name"
        changes = [change for change in record.changes if not change.is_ownership]
        upgrade = [f"~ schema {record.upgrade.old} -> {record.upgrade.new}"] if record.upgrade else []
        entries = upgrade + [f"{SIGNS[each.action]} {each.kind} {each.name}" for each in changes]
        yield f"    {abbreviate(entries)}", ""
