"""What a node does to become a member, and who is wrong in a partition. Pure.

Nothing here ever deletes data: a node that has data boots with it, and one that has none joins.
"""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.ocf.steps import PHASES, RUNNING, STOPPED, Boot, Create, Join, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Report = namedtuple("Report", "phase data name last")
Report.__doc__ = """What one node says.

phase   STOPPED, STARTING or RUNNING
data    it has a broker's data on its disk
name    its broker's name, rabbit@node
last    the brokers that ran when its own stopped, itself included
"""


def encode(report: Report) -> str:
    """A report as the value of an attribute."""
    return f"{report.phase} {int(report.data)} {report.name} {','.join(report.last)}"


def decode(text: str) -> Report | None:
    """A report from an attribute; None when it is none."""
    words = text.split(" ")
    if len(words) != 4 or words[0] not in PHASES:
        return None
    return Report(words[0], words[1] == "1", words[2], tuple(word for word in words[3].split(",") if word))


def next_step(
    node: str, members: Sequence[str], ready: Sequence[str], reports: Mapping[str, Report]
) -> Boot | Create | Join | Wait:
    """What `node` does to become a member.

    `members` are the nodes that can be in the cluster, in an order that all share; `ready` are those
    of them that can start. Only the first of nodes that all have nothing creates a cluster.
    """
    if reports[node].data:
        return Boot("it has data")
    running = [other for other in members if other != node and is_running(reports.get(other))]
    if running:
        return Join(reports[running[0]].name, f"{running[0]} runs")
    owners = [other for other in members if other in reports and reports[other].data]
    if owners:
        return Wait(f"waiting for {owners[0]}, which has data", owners)
    silent = [other for other in members if other in ready and other not in reports]
    if silent:
        return Wait(f"waiting to hear what {', '.join(silent)} has", silent)
    first = next(other for other in members if other == node or (other in ready and other in reports))
    if first == node:
        return Create("no node has data")
    return Wait(f"waiting for {first}, which creates the cluster", [first])


def is_running(report: Report | None) -> bool:
    """Whether a node's broker serves."""
    return report is not None and report.phase == RUNNING


def awaited(own: Report, reports: Mapping[str, Report]) -> list[str]:
    """The brokers that must come before this one can serve, and that nobody is starting."""
    coming = {report.name for report in reports.values() if report.phase != STOPPED}
    return sorted(set(own.last) - coming - {own.name})


def missed(seen: Sequence[str], before: Mapping[str, Report], after: Mapping[str, Report]) -> list[str]:
    """The brokers that a node should have `seen`: all that served before it looked, and after."""
    serving = {report.name for report in before.values() if is_running(report)}
    return sorted(serving & {report.name for report in after.values() if is_running(report)} - set(seen))


def partitioned(misses: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> list[str]:
    """The nodes that must restart, because they and the others do not see each other.

    `names` is the broker of each node that serves, `misses` the brokers that each did not see and should
    have. The largest group that sees each other stays; among equals the one with the first node stays,
    so that all judge alike.
    """
    groups: list[list[str]] = []
    for node in sorted(names):
        for group in groups:
            if all(mutual(node, other, misses, names) for other in group):
                group.append(node)
                break
        else:
            groups.append([node])
    # max takes the first of equals, and groups begin in the nodes' order.
    stays = max(groups, key=len, default=[])
    return [node for node in sorted(names) if node not in stays]


def mutual(a: str, b: str, misses: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> bool:
    """Whether two nodes see each other."""
    return names[b] not in misses.get(a, ()) and names[a] not in misses.get(b, ())
