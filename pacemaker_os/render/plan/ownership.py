"""The changes of ownership of a plan as text: a line per object, or all names of a kind after one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from pacemaker_os.plan.diff.ownership_changes import ACTIONS, OwnershipChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.changes import wrap_pieces
from pacemaker_os.render.terminal import Line, line, wrap_text
from pacemaker_os.text import quantity

#: Number of objects of a kind that have a line each; more objects share a line and a list of their names.
_MAX_LINES = 6


def ownership_lines(plan: Plan, width: int) -> Iterator[Line]:
    """Yield the lines of all changes of ownership of a plan. Every object is named."""
    for _, members in groupby(sorted(plan.ownership, key=_group), key=_group):
        changes = list(members)
        kind = changes[0].kind
        what = describe(changes[0], plan.document)
        names = [plan.names.get(each.name, each.name) for each in changes]
        if len(names) <= _MAX_LINES:
            for name in names:
                yield from wrap_pieces(f"  {kind} ", [(name, "name"), (f"  {what}", "")], width)
            continue
        yield from wrap_pieces("  ", [(quantity(len(names), kind), ""), (f"  {what}", "")], width)
        yield from (line((f"      {each}", "name")) for each in wrap_text(", ".join(names), width - 6))


def describe(change: OwnershipChange, document: str) -> str:
    """Return what happens to an object in the plan of a document."""
    mine = change.after == document
    match change.action:
        case "adopt":
            return "adopted" if mine else f"adopted by document {change.after}"
        case "take-over" if mine:
            return f"taken over from document {change.before}"
        case "take-over":
            return f"moved from document {change.before} to document {change.after}"
        case "release":
            return f"released by document {change.before}; it stays in the cluster"
        case "remove":
            return f"removed; document {change.before} owned it"
        case "forget":
            return f"forgotten; document {change.before} owned it, but it is gone"


def count_ownership(plan: Plan) -> str:
    """Return the number of objects of each change of ownership, as `2 adopted, 1 taken over from site`."""
    counts = Counter((each.action, each.before, each.after) for each in plan.ownership)
    texts = {
        "adopt": "{0} adopted",
        "take-over": "{0} taken over from {1}",
        "move": "{0} moved from {1} to {2}",
        "release": "{0} released by {1}",
        "remove": "{0} of {1} removed",
        "forget": "{0} of {1} forgotten",
    }
    found = []
    for (action, before, after), count in counts.items():
        key = "move" if action == "take-over" and after != plan.document else action
        found.append(texts[key].format(count, before, after))
    return ", ".join(found)


def _group(change: OwnershipChange) -> tuple[int, str, str, str]:
    return ACTIONS.index(change.action), change.before, change.after, change.kind
