"""Configurations on which Pacemaker's scheduler aborts, and the constraint that makes it abort."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from lxml import etree

from pacemaker_os.cluster.scheduler import ABORTED, NotSimulated, Scheduler
from pacemaker_os.errors import ClusterError

#: The kinds of constraints that are tried.
_KINDS = ("rsc_order", "rsc_colocation")


def explained(scheduler: Scheduler, cib: etree._Element, error: NotSimulated) -> NotSimulated:
    """Return the error about this `<cib>` with the constraint without which it can be simulated, if any."""
    if ABORTED not in str(error) or (name := _culprit(scheduler, cib)) is None:
        return error
    message = (
        f"cannot simulate this configuration: Pacemaker's scheduler aborts because of constraint '{name}'; "
        "change or remove it"
    )
    return NotSimulated(message, error.messages)


def _culprit(scheduler: Scheduler, cib: etree._Element) -> str | None:
    """Return the id of a constraint without which the scheduler does not abort: half of them at a time."""
    names = [
        str(each.get("id")) for kind in _KINDS for each in cib.iterfind(f"configuration/constraints/{kind}")
    ]
    if not names or _aborts(scheduler, cib, names):
        return None
    removed: Sequence[str] = names
    while len(removed) > 1:
        half = removed[: len(removed) // 2]
        rest = removed[len(removed) // 2 :]
        if not _aborts(scheduler, cib, half):
            removed = half
        elif not _aborts(scheduler, cib, rest):
            removed = rest
        else:
            return removed[0]
    return removed[0]


def _aborts(scheduler: Scheduler, cib: etree._Element, removed: Sequence[str]) -> bool:
    """Return whether the scheduler fails on a CIB without these constraints."""
    copy = deepcopy(cib)
    for each in copy.findall("configuration/constraints/*"):
        if each.get("id") in removed and (parent := each.getparent()) is not None:
            parent.remove(each)
    try:
        scheduler.run(copy)
    except ClusterError:
        return True
    return False
