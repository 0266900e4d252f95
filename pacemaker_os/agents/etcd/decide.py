"""What a node does to become a member of the etcd cluster. Pure. Nothing here ever deletes data."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STARTING, RUNNING = "starting", "running"

Report = namedtuple("Report", "phase data")
Report.__doc__ = "What one node says: STARTING or RUNNING, and whether it has a member's data on its disk."

Boot = namedtuple("Boot", "reason")
Create = namedtuple("Create", "reason")
Join = namedtuple("Join", "node reason")
Wait = namedtuple("Wait", "reason")


def encode(report: Report) -> str:
    """A report as the value of an attribute."""
    return f"{report.phase} {int(report.data)}"


def decode_all(texts: Mapping[str, str]) -> dict[str, Report]:
    """The reports of all nodes that gave a readable one."""
    words = {node: text.split(" ") for node, text in texts.items()}
    return {
        node: Report(pair[0], pair[1] == "1")
        for node, pair in words.items()
        if len(pair) == 2 and pair[0] in (STARTING, RUNNING)
    }


def next_step(
    node: str, members: Sequence[str], online: Sequence[str], reports: Mapping[str, Report]
) -> Boot | Create | Join | Wait:
    """What `node` does to become a member.

    etcd creates a cluster on all its nodes at once, each naming all of them; so every node that has
    nothing does so, once all that are online have said that they have nothing either.
    """
    if reports[node].data:
        return Boot("it has data")
    running = [n for n in members if n != node and n in reports and reports[n].phase == RUNNING]
    if running:
        return Join(running[0], f"{running[0]} runs")
    owners = [n for n in members if n in reports and reports[n].data]
    if owners:
        return Wait(f"waiting for {', '.join(owners)}, which have data")
    silent = [n for n in members if n in online and n not in reports]
    if silent:
        return Wait(f"waiting to hear what {', '.join(silent)} has")
    if 2 * len(reports) <= len(members):
        return Wait(f"{len(reports)} of {len(members)} nodes are no majority")
    return Create("no node has data")


def majority_coming(members: Sequence[str], reports: Mapping[str, Report]) -> bool:
    """Whether enough members run or start for a leader to be found."""
    return 2 * sum(node in reports for node in members) > len(members)
