"""What a node does to become a member of the etcd cluster. Pure. Nothing here ever deletes data."""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.ocf.steps import PHASES, RUNNING, STOPPED, Boot, Create, Join, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Report = namedtuple("Report", "phase data")
Report.__doc__ = (
    "What one node says: its phase (steps.PHASES), and whether it has a member's data on its disk."
)


def encode(report: Report) -> str:
    """A report as the value of an attribute."""
    return f"{report.phase} {int(report.data)}"


def decode(text: str) -> Report | None:
    """A report from an attribute; None when it is none."""
    words = text.split(" ")
    if len(words) != 2 or words[0] not in PHASES:
        return None
    return Report(words[0], words[1] == "1")


def next_step(
    node: str, members: Sequence[str], ready: Sequence[str], reports: Mapping[str, Report]
) -> Boot | Create | Join | Wait:
    """What `node` does to become a member.

    `ready` are the members that can start. etcd creates a cluster on all its nodes at once, each naming
    all of them; so every node that has nothing does so, once all that can start have said that they have
    nothing either.
    """
    if reports[node].data:
        return Boot("it has data")
    running = [n for n in members if n != node and n in reports and reports[n].phase == RUNNING]
    if running:
        return Join(running[0], f"{running[0]} runs")
    owners = [n for n in members if n in reports and reports[n].data]
    if owners:
        return Wait(f"waiting for {', '.join(owners)}, which have data", owners)
    silent = [n for n in members if n in ready and n not in reports]
    if silent:
        return Wait(f"waiting to hear what {', '.join(silent)} has", silent)
    if 2 * len(reports) <= len(members):
        absent = [n for n in members if n not in reports]
        return Wait(f"{len(reports)} of {len(members)} nodes are no majority", absent)
    return Create("no node has data")


def majority_coming(members: Sequence[str], reports: Mapping[str, Report]) -> bool:
    """Whether enough members run or start for a leader to be found."""
    coming = [n for n in members if n in reports and reports[n].phase != STOPPED]
    return 2 * len(coming) > len(members)
