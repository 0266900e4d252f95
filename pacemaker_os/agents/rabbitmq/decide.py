"""The next step of a node, and the nodes that must restart in a partition. Pure.

No data is ever deleted: a node with data boots with it, and a node without data joins.
"""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.ocf.steps import PHASES, RUNNING, STOPPED, Boot, Form, Join, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Report = namedtuple("Report", "phase data name last")
Report.__doc__ = """The report of a node.

phase   STOPPED, STARTING or RUNNING
data    the node has the data of a broker
name    name of the broker, rabbit@node
last    the brokers that were running when its own stopped, including itself
"""


def encode(report: Report) -> str:
    """Return a report as the value of a node attribute."""
    return f"{report.phase} {int(report.data)} {report.name} {','.join(report.last)}"


def decode(text: str) -> Report | None:
    """Return the report in a node attribute, or None if it is invalid."""
    fields = text.split(" ")
    if len(fields) != 4 or fields[0] not in PHASES:
        return None
    return Report(fields[0], fields[1] == "1", fields[2], tuple(filter(None, fields[3].split(","))))


def next_step(
    node: str, members: Sequence[str], ready: Sequence[str], reports: Mapping[str, Report]
) -> Boot | Form | Join | Wait:
    """Return the next step of `node`.

    `members` are the nodes that can be in the cluster, in an order that all nodes share; `ready` are those
    that can start. If no node has data, only the first of them forms a cluster.
    """
    if reports[node].data:
        return Boot("this node has data")
    running = [other for other in members if other != node and is_running(reports.get(other))]
    if running:
        return Join(reports[running[0]].name, f"{running[0]} is running")
    owners = [other for other in members if other in reports and reports[other].data]
    if owners:
        return Wait(f"waiting for {owners[0]}, which has data", owners)
    silent = [other for other in members if other in ready and other not in reports]
    if silent:
        return Wait(
            f"waiting for {', '.join(silent)} to report whether it has data; start the resource there", silent
        )
    first = next(other for other in members if other == node or (other in ready and other in reports))
    if first == node:
        return Form("no node has data")
    return Wait(f"waiting for {first}, which forms the cluster", [first])


def is_running(report: Report | None) -> bool:
    """Return whether the broker of a node serves."""
    return report is not None and report.phase == RUNNING


def awaited(own: Report, reports: Mapping[str, Report]) -> list[str]:
    """Return the brokers that must start before this one can serve and that are not being started."""
    coming = {report.name for report in reports.values() if report.phase != STOPPED}
    return sorted(set(own.last) - coming - {own.name})


def missed(seen: Sequence[str], before: Mapping[str, Report], after: Mapping[str, Report]) -> list[str]:
    """Return the brokers that a node does not see although they served before and after its query."""
    serving = {report.name for report in before.values() if is_running(report)}
    return sorted(serving & {report.name for report in after.values() if is_running(report)} - set(seen))


def partitioned(misses: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> list[str]:
    """Return the nodes that must restart, because they and the other nodes do not see each other.

    `names` maps each serving node to its broker, `misses` maps each node to the brokers that it should see
    but does not. The largest group of nodes that see each other stays. Of equal groups, the one with the
    first node stays, so that all nodes decide alike.
    """
    groups: list[list[str]] = []
    for node in sorted(names):
        for group in groups:
            if all(mutual(node, other, misses, names) for other in group):
                group.append(node)
                break
        else:
            groups.append([node])
    # max returns the first of equal groups, and groups are in the order of the nodes.
    stays = max(groups, key=len, default=[])
    return [node for node in sorted(names) if node not in stays]


def mutual(a: str, b: str, misses: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> bool:
    """Return whether two nodes see each other."""
    return names[b] not in misses.get(a, ()) and names[a] not in misses.get(b, ())


def policy_arguments(text: str) -> list[str]:
    """Return the arguments of rabbitmqctl set_policy in a parameter. Raises ValueError.

    They are quoted as in a shell. Without quotes, as ocf:heartbeat:rabbitmq-cluster takes them, they are
    separated by white space.
    """
    import json
    import shlex

    problem = "no definition in JSON"
    for split in (shlex.split, str.split):
        try:
            words = split(text)
            definitions = [json.loads(word) for word in words if word.startswith("{")]
        except ValueError as error:
            problem = str(error)
            continue
        if definitions and len(words) >= 3:
            return words
    raise ValueError(f"it must be a name, a pattern, and a definition in JSON ({problem})")
