"""The promotion scores, decided from the reports of all nodes in the same way on every node. Pure.

Each promotion starts a generation. A node has generation N if it was promoted to it, or was in sync with the
node that was. After a full outage all replication offsets are zero, and a Redis that lost its disk looks like
a new one. The generation, which is stored with the data, distinguishes them even then.
"""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.ocf.steps import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Score of the promoted node: higher than all others, so that it keeps the role.
PROMOTED = 1000
#: Score of the best candidate, and the difference to each next one.
BEST, STEP = 100, 10

Report = namedtuple("Report", "generation continuous offset promoted was_promoted keys replid last")
Report.__doc__ = """The data of one node.

generation     the last promotion that its data descends from; 0: none
continuous     it has run without interruption since it had all of that generation, so its offset is valid
offset         replication offset, in bytes
promoted       it is promoted now
was_promoted   it is the node that was promoted to that generation
keys           number of keys
replid         replication ID of its data; each promotion starts a new one
last           the node that was promoted to that generation, as far as this node knows
"""


def encode(report: Report) -> str:
    """Return a report as the value of a node attribute."""
    return ":".join(str(int(v)) if isinstance(v, (bool, int)) else v for v in report)


def decode(text: str) -> Report | None:
    """Return the report in a node attribute, or None if it is invalid."""
    fields = text.split(":", 7)
    if len(fields) != 8 or not all(field.isascii() and field.isdigit() for field in fields[:6]):
        return None
    generation, continuous, offset, promoted, was_promoted, keys = map(int, fields[:6])
    return Report(generation, bool(continuous), offset, bool(promoted), bool(was_promoted), keys, *fields[6:])


def decode_all(texts: Mapping[str, str]) -> dict[str, Report]:
    """Return the reports of all nodes that published a valid one."""
    return readable(texts, decode)


def newest(reports: Mapping[str, Report]) -> tuple[int, str]:
    """Return the latest generation, and the node that was promoted to it; 0 and empty if there is none."""
    found = max(reports.values(), key=lambda report: report.generation, default=None)
    return (found.generation, found.last) if found else (0, "")


def unaccounted(reports: Mapping[str, Report], peers: Sequence[str]) -> list[str]:
    """Return the replicas that may have acknowledged writes that no other replica has.

    `peers` are the nodes with a report while the last promoted node still was promoted. A replica that did
    not run without interruption since then has no valid offset: it cannot be compared with the others.
    """
    generation, last = newest(reports)
    return [
        node
        for node in sorted({*peers, *reports})
        if node != last
        and not (node in reports and reports[node].continuous and reports[node].generation == generation)
    ]


def offsets_decide(reports: Mapping[str, Report], peers: Sequence[str]) -> bool:
    """Return whether the replication offsets show which replica has all acknowledged writes.

    They do if every replica kept running while the promoted node failed: a write that any of them
    acknowledged (WAIT) is then in the data of the one with the highest offset. The number of a replica that
    lost its master before that is lower, but alone it does not show that.
    """
    return any(report.continuous for report in reports.values()) and not unaccounted(reports, peers)


def ranking(reports: Mapping[str, Report], peers: Sequence[str] = ()) -> list[str]:
    """Return the nodes, the one with the best data first, and equal ones by name.

    An empty Redis ranks behind every one with keys: it is a master that lost its data. Unless the offsets
    decide, the node that was promoted last is the best one: it has each acknowledged write on its disk. The
    offsets after a full outage are zero with an append-only file, but valid with snapshots.
    """
    decisive = offsets_decide(reports, peers)
    valid = decisive or all(report.offset for report in reports.values() if report.keys)

    def rank(node: str) -> tuple[int, bool, bool, int, bool, int, int]:
        report = reports[node]
        return (
            report.generation,
            decisive and report.continuous,
            report.keys > 0,
            report.offset if valid else 0,
            report.was_promoted,
            report.keys,
            report.offset,
        )

    return sorted(sorted(reports), key=rank, reverse=True)


def missing(reports: Mapping[str, Report], peers: Sequence[str] = ()) -> str:
    """Return the node that was promoted last, if it must be waited for; else an empty string."""
    generation, last = newest(reports)
    if not generation or last in reports or offsets_decide(reports, peers):
        return ""
    return last


def score(node: str, reports: Mapping[str, Report], peers: Sequence[str] = (), *, waited: bool) -> int | None:
    """Return the promotion score of `node`; None if it is not a candidate now.

    `waited` is true once the timeout for a missing node has passed.
    """
    if node not in reports:
        return None
    if reports[node].promoted:
        return PROMOTED
    if missing(reports, peers) and not waited:
        return None
    rank = ranking({name: r for name, r in reports.items() if not r.promoted}, peers).index(node)
    return max(1, BEST - STEP * rank)


def must_publish(own: Report, published: Report | None, *, following: bool) -> bool:
    """Return whether the report of this node must be published; `published` is the current one.

    The offset of a replica that follows its master changes all the time and matters to no other node.
    """
    if published is None or not following:
        return own != published
    return own._replace(offset=0, keys=0) != published._replace(offset=0, keys=0) or bool(own.keys) != bool(
        published.keys
    )


def promoted_node(reports: Mapping[str, Report]) -> str:
    """Return the promoted node of the latest generation, or an empty string."""
    nodes = [node for node in sorted(reports) if reports[node].promoted]
    return max(nodes, key=lambda node: reports[node].generation, default="")


def may_follow(own: Report, promoted: Report) -> bool:
    """Return whether becoming a replica, which replaces the node's own data, loses no newer data."""
    return bool(promoted.generation >= own.generation)
