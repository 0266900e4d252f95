"""The next step of a node of an etcd cluster. Pure. No data is ever deleted."""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.ocf.steps import PHASES, RUNNING, STOPPED, Boot, Form, Join, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Report = namedtuple("Report", "phase data")
Report.__doc__ = "The report of a node: its phase (steps.PHASES), and whether it has the data of a member."


def encode(report: Report) -> str:
    """Return a report as the value of a node attribute."""
    return f"{report.phase} {int(report.data)}"


def decode(text: str) -> Report | None:
    """Return the report in a node attribute, or None if it is invalid."""
    fields = text.split(" ")
    if len(fields) != 2 or fields[0] not in PHASES:
        return None
    return Report(fields[0], fields[1] == "1")


def next_step(
    node: str, members: Sequence[str], ready: Sequence[str], reports: Mapping[str, Report]
) -> Boot | Form | Join | Wait:
    """Return the next step of `node`.

    `ready` are the members that can start. An etcd cluster is formed on all nodes at the same time, and each
    names all members. Every node without data therefore takes this step, but only after all members that can
    start have reported that they have no data.
    """
    if reports[node].data:
        return Boot("this node has data")
    running = [n for n in members if n != node and n in reports and reports[n].phase == RUNNING]
    if running:
        return Join(running[0], f"{running[0]} is running")
    owners = [n for n in members if n in reports and reports[n].data]
    if owners:
        return Wait(f"waiting for {', '.join(owners)}, which have data", owners)
    silent = [n for n in members if n in ready and n not in reports]
    if silent:
        return Wait(
            f"waiting for {', '.join(silent)} to report whether it has data; start the resource there", silent
        )
    if 2 * len(reports) <= len(members):
        absent = [n for n in members if n not in reports]
        return Wait(f"waiting for a majority: {len(reports)} of {len(members)} nodes have reported", absent)
    return Form("no node has data")


def majority_coming(members: Sequence[str], reports: Mapping[str, Report]) -> bool:
    """Return whether enough members run or start to elect a leader."""
    coming = [n for n in members if n in reports and reports[n].phase != STOPPED]
    return 2 * len(coming) > len(members)
