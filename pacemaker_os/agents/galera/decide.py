"""Who may begin a Galera cluster, and who may join one: decided from what every node reports. Pure.

Every node decides for itself from the same reports, in the same way, and comes to the same answer.
Only the elected node ever begins a cluster, so that there are never two.
"""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.agents.galera.position import NO_HISTORY
from pacemaker_os.ocf.steps import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Report = namedtuple("Report", "uuid seqno safe databases")
Report.__doc__ = """What one node says of the data on its disk.

uuid, seqno   its place in a cluster's history (position.Position)
safe          it left last, in good order
databases     how many databases of users it holds
"""

Bootstrap = namedtuple("Bootstrap", "node reason")
Wait = namedtuple("Wait", "reason")
Refuse = namedtuple("Refuse", "reason")


def encode(report: Report) -> str:
    """A report as the value of an attribute."""
    return f"{report.uuid}:{report.seqno}:{int(report.safe)}:{report.databases}"


def decode(text: str) -> Report | None:
    """A report from an attribute; None when it is none."""
    words = text.split(":")
    if len(words) != 4 or not all(w.removeprefix("-").isdigit() for w in words[1:]):
        return None
    return Report(words[0], int(words[1]), words[2] == "1", int(words[3]))


def decode_all(texts: Mapping[str, str]) -> dict[str, Report]:
    """The reports of all nodes that gave a readable one."""
    return readable(texts, decode)


def listed(names: Sequence[str]) -> str:
    """Names for a sentence."""
    return ", ".join(sorted(names))


def elect(
    members: Sequence[str], reports: Mapping[str, Report], *, chosen: str = "", waited: bool = False
) -> Bootstrap | Wait | Refuse:
    """Who begins the cluster, when no node is in one.

    `members` are the nodes that can be in the cluster, in an order that all nodes share; it breaks ties.
    `chosen` is the node that the operator named. `waited` says that the stated time for which missing
    nodes are waited for is over; a majority must be there even then.
    """
    here = {node: reports[node] for node in members if node in reports}
    if chosen:
        if chosen not in here:
            return Wait(f"the operator chose {chosen}, which has not reported its position")
        return Bootstrap(chosen, "the operator chose it")
    last = [node for node, report in here.items() if report.safe]
    if len(last) == 1 and not ahead_of(here[last[0]], here):
        return Bootstrap(last[0], "it left last, in good order")
    absent = [node for node in members if node not in here]
    if absent and not (waited and 2 * len(here) > len(members)):
        return Wait(f"waiting for the position of {listed(absent)}")
    unknown = [n for n, report in here.items() if report.uuid != NO_HISTORY and report.seqno < 0]
    if unknown:
        return Refuse(f"the position of {listed(unknown)} cannot be found out; see its log, or choose a node")
    return most_advanced(members, here)


def ahead_of(report: Report, others: Mapping[str, Report]) -> bool:
    """Whether some node has more of the same history, or has another history."""
    return any(
        other.uuid not in (NO_HISTORY, report.uuid)
        or (other.uuid == report.uuid and other.seqno > report.seqno)
        for other in others.values()
    )


def most_advanced(members: Sequence[str], here: Mapping[str, Report]) -> Bootstrap | Refuse:
    """The node with the most, all of `here` having said what they have."""
    histories = {report.uuid for report in here.values()} - {NO_HISTORY}
    if len(histories) > 1:
        detail = "; ".join(f"{node}: {r.uuid} up to {r.seqno}" for node, r in sorted(here.items()))
        return Refuse(
            f"the nodes' data have different histories, and one would be lost ({detail}); choose a node"
        )
    if histories:
        # max takes the first of equals, so the members' order breaks ties.
        best = max((n for n in members if n in here), key=lambda node: here[node].seqno)
        return Bootstrap(best, f"it has the most transactions ({here[best].seqno})")
    owners = [node for node in members if node in here and here[node].databases]
    if len(owners) > 1:
        return Refuse(
            f"{listed(owners)} have databases and never were in a cluster; choose one whose data are kept"
        )
    return Bootstrap((owners or [n for n in members if n in here])[0], "a new cluster")


def join_refusal(own: Report, cluster: str, *, overwrite: bool = False) -> str:
    """Why this node must not join the cluster with history `cluster`; empty when it may.

    Joining replaces what the cluster does not know. `overwrite` is the operator's word that this node's
    data may be lost.
    """
    if overwrite or own.uuid == cluster:
        return ""
    if own.uuid != NO_HISTORY and own.databases:
        return (
            f"this node's data are of history {own.uuid}, the cluster's are of {cluster}; "
            "joining would overwrite them"
        )
    if own.uuid == NO_HISTORY and own.databases:
        return (
            f"this node has {own.databases} databases that never were in the cluster; "
            "joining would overwrite them"
        )
    return ""
