"""The election of the node that bootstraps a Galera cluster, and the check before a node joins. Pure.

All nodes decide from the same reports with the same rules and therefore elect the same node. Only the elected
node bootstraps the cluster, so that there is never a second one.
"""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.agents.galera.position import COMPLETE, COPIES, EMPTY, PARTIAL, UNDEFINED_UUID, UNPROVEN
from pacemaker_os.ocf.steps import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Report = namedtuple("Report", "uuid seqno safe databases copy", defaults=[COMPLETE])
Report.__doc__ = """The data of one node.

uuid, seqno   its position (position.Position)
safe          it was the last node to shut down, and it did so cleanly
databases     number of user databases
copy          the evidence that the data is a complete copy (position.COPIES). A node with no data or with a
              part of a copy never bootstraps a cluster; one without evidence only if an operator selects it.
"""

Bootstrap = namedtuple("Bootstrap", "node reason")
Wait = namedtuple("Wait", "reason")
Refuse = namedtuple("Refuse", "reason")


def encode(report: Report) -> str:
    """Return a report as the value of a node attribute."""
    return f"{report.uuid}:{report.seqno}:{int(report.safe)}:{report.databases}:{report.copy}"


def decode(text: str) -> Report | None:
    """Return the report in a node attribute, or None if it is invalid."""
    fields = text.split(":")
    if len(fields) != 5 or fields[4] not in COPIES:
        return None
    if not all(field.removeprefix("-").isdigit() for field in fields[1:4]):
        return None
    return Report(fields[0], int(fields[1]), fields[2] == "1", int(fields[3]), fields[4])


def decode_all(texts: Mapping[str, str]) -> dict[str, Report]:
    """Return the reports of all nodes that published a valid one."""
    return readable(texts, decode)


def listed(names: Sequence[str]) -> str:
    """Return names, sorted, as a list in a sentence."""
    return ", ".join(sorted(names))


def elect(
    members: Sequence[str],
    reports: Mapping[str, Report],
    *,
    chosen: str = "",
    waited: bool = False,
    attribute: str = "RESOURCE-bootstrap-from",
) -> Bootstrap | Wait | Refuse:
    """Return which node bootstraps the cluster while no node serves it.

    `members` are the configured nodes, in an order that all nodes share and that breaks ties. `chosen` is the
    node that the operator selected with the node attribute `attribute`. `waited` is true once the timeout for
    missing nodes has passed; even then a majority must have reported.
    """
    here = {node: reports[node] for node in members if node in reports}
    if chosen:
        if chosen not in here:
            return Wait(f"waiting for the position of {chosen}, which {attribute} selects")
        if here[chosen].copy in (PARTIAL, EMPTY):
            return Refuse(
                f"cannot bootstrap from {chosen}, which {attribute} selects ({copies(here, [chosen])}); "
                "select another node, or restore a backup"
            )
        return Bootstrap(chosen, f"an operator selected it ({attribute})")
    # The only member cannot have received an incomplete copy from another one.
    accepted = {COMPLETE, UNPROVEN} if len(members) == 1 else {COMPLETE}
    complete = {node: report for node, report in here.items() if report.copy in accepted}
    last = [node for node, report in complete.items() if report.safe]
    if len(last) == 1 and not ahead_of(complete[last[0]], here):
        return Bootstrap(last[0], "it was the last node to shut down cleanly")
    absent = [node for node in members if node not in here]
    if absent and not (waited and 2 * len(complete) > len(members)):
        return Wait(f"waiting for the position of {listed(absent)}")
    unknown = [n for n, report in complete.items() if report.uuid != UNDEFINED_UUID and report.seqno < 0]
    if unknown:
        return Refuse(
            f"cannot bootstrap: the position of {listed(unknown)} is unknown; check the log "
            f"of mariadbd there, or {choice(attribute)}"
        )
    return most_advanced(members, complete, here, attribute)


def choice(attribute: str) -> str:
    """Return the remedy of an operator: the command that selects a node."""
    return (
        f"to keep the data of NODE and discard that of the others, run: attrd_updater -n {attribute} -U NODE"
    )


def ahead_of(report: Report, others: Mapping[str, Report]) -> list[str]:
    """Return the nodes that have a higher position, or another cluster state UUID.

    The rest of an interrupted state transfer has no position of its own.
    """
    return [
        node
        for node, other in others.items()
        if other.copy != PARTIAL
        and (
            other.uuid not in (UNDEFINED_UUID, report.uuid)
            or (other.uuid == report.uuid and other.seqno > report.seqno)
        )
    ]


def most_advanced(
    members: Sequence[str], complete: Mapping[str, Report], here: Mapping[str, Report], attribute: str
) -> Bootstrap | Refuse:
    """Return the node with the highest position of those with `complete` data; `here` are all reports."""
    histories = {r.uuid for r in here.values() if r.copy != PARTIAL} - {UNDEFINED_UUID}
    if len(histories) > 1:
        detail = "; ".join(f"{node}: {r.uuid}, seqno {r.seqno}" for node, r in sorted(here.items()))
        return Refuse(
            "cannot bootstrap: the nodes have different cluster state UUIDs and data would "
            f"be lost ({detail}); {choice(attribute)}"
        )
    known = [node for node in members if node in complete and complete[node].uuid in histories]
    if known:
        # max returns the first of equal nodes, so the order of the members breaks ties.
        best = max(known, key=lambda node: complete[node].seqno)
        doubtful = ahead_of(complete[best], here)
        if doubtful:
            return Refuse(
                f"cannot bootstrap from {best} (seqno {complete[best].seqno}): {listed(doubtful)} has a "
                "higher position, but it is unknown whether its data is complete (grastate.dat is missing, "
                f"or the node failed while joining); {choice(attribute)}"
            )
        return Bootstrap(best, f"it is the most advanced node (seqno {complete[best].seqno})")
    incomplete = [node for node in members if node in here and node not in complete]
    if [node for node in incomplete if here[node].copy != EMPTY] or not complete:
        return Refuse(
            f"cannot bootstrap: no node is known to have complete data ({copies(here, incomplete)}); "
            f"restore a backup, or {choice(attribute)}"
        )
    fresh = [node for node in members if node in complete]
    owners = [node for node in fresh if complete[node].databases]
    if len(owners) > 1:
        return Refuse(
            f"cannot bootstrap: {listed(owners)} have databases but were never in a cluster; "
            f"{choice(attribute)}"
        )
    return Bootstrap((owners or fresh)[0], "no node was in a cluster before")


def copies(here: Mapping[str, Report], nodes: Sequence[str]) -> str:
    """Return the position and the evidence of `nodes`, as a list in a sentence."""
    words = {
        PARTIAL: "interrupted state transfer",
        EMPTY: "empty data directory; mount its file system, or run mariadb-install-db",
    }
    unknown = "seqno {}, completeness unknown"
    return "; ".join(
        f"{node}: {words.get(here[node].copy) or unknown.format(here[node].seqno)}" for node in nodes
    )


def join_refusal(own: Report, cluster: str, *, overwrite: bool = False) -> str:
    """Return why this node must not join the cluster with the state UUID `cluster`; empty if it may join.

    A state transfer replaces the data of the joining node. `overwrite` is true if the operator allowed this
    data to be lost.
    """
    if overwrite or own.uuid == cluster or own.copy == PARTIAL:
        return ""
    if own.uuid != UNDEFINED_UUID and own.databases:
        return (
            f"cannot join: this node has cluster state UUID {own.uuid}, the cluster has {cluster}; "
            "a state transfer would overwrite this node's data"
        )
    if own.uuid == UNDEFINED_UUID and own.databases:
        return (
            f"cannot join: this node has {own.databases} databases that were never in the cluster; "
            "a state transfer would overwrite them"
        )
    return ""
