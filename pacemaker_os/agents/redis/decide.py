"""Which Redis has the data: decided from what every node reports, the same way on every node. Pure.

A promotion begins a generation. A node has generation N when it was promoted to it, or was seen in sync
with the node that was. After a full outage replication offsets are all zero, and a Redis that lost its
disk looks like a fresh one; the generation, kept in a file beside the data, still tells them apart.
"""

from __future__ import annotations

from collections import namedtuple

from pacemaker_os.ocf.steps import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Score of the node that has the Promoted role: above all others, so that it keeps it.
PROMOTED = 1000
#: Scores of candidates go down from here, one step for each better one.
BEST, STEP = 100, 10

Report = namedtuple("Report", "generation whole offset promoted was_promoted keys replid last")
Report.__doc__ = """What one node says of its data.

generation     the newest promotion that its data descends from; 0: never part of any
whole          it runs without a break since it had all of that generation, so its offset counts
offset         replication offset in bytes
promoted       it has the Promoted role now
was_promoted   it was the one promoted to that generation
keys           how many keys it holds
replid         the replication history that its data are of, as Redis names it; a promotion begins a new one
last           the node that was promoted to that generation, as far as it knows
"""


def encode(report: Report) -> str:
    """A report as the value of an attribute."""
    return ":".join(str(int(v)) if isinstance(v, (bool, int)) else v for v in report)


def decode(text: str) -> Report | None:
    """A report from an attribute; None when it is none."""
    words = text.split(":", 7)
    if len(words) != 8 or not all(word.isascii() and word.isdigit() for word in words[:6]):
        return None
    generation, whole, offset, promoted, was_promoted, keys = map(int, words[:6])
    return Report(generation, bool(whole), offset, bool(promoted), bool(was_promoted), keys, *words[6:])


def decode_all(texts: Mapping[str, str]) -> dict[str, Report]:
    """The reports of all nodes that gave a readable one."""
    return readable(texts, decode)


def data_rank(report: Report) -> tuple[int, bool, bool, int, bool, int]:
    """What makes one node's data better than another's; the most important thing first.

    An empty Redis is behind every one that holds something: it is a master that lost its data. Offsets
    are all zero after an outage with an append-only file; then the node that was promoted has the most.
    """
    return (
        report.generation,
        report.whole,
        report.keys > 0,
        report.offset,
        report.was_promoted,
        report.keys,
    )


def ranking(reports: Mapping[str, Report]) -> list[str]:
    """Node names, the one with the best data first; equals in the order of their names."""
    return sorted(sorted(reports), key=lambda node: data_rank(reports[node]), reverse=True)


def missing(reports: Mapping[str, Report]) -> str:
    """The node that must be waited for: promoted last, and not here; empty when there is none.

    While some replica ran without a break through the loss of the promoted node, nothing is waited for.
    """
    if not reports or any(report.whole for report in reports.values()):
        return ""
    newest = max(reports.values(), key=lambda report: report.generation)
    return newest.last if newest.generation and newest.last not in reports else ""


def score(node: str, reports: Mapping[str, Report], *, waited: bool) -> int | None:
    """The promotion score of `node`; None: not a candidate now.

    `waited` says that the time for which a missing node is waited for is over.
    """
    if node not in reports:
        return None
    if reports[node].promoted:
        return PROMOTED
    if missing(reports) and not waited:
        return None
    rank = ranking({name: r for name, r in reports.items() if not r.promoted}).index(node)
    return max(1, BEST - STEP * rank)


def news(own: Report, told: Report | None, *, following: bool) -> bool:
    """Whether the others must hear what this node has, `told` being what they heard last.

    While a replica follows its master its offset moves at every look, and means nothing to anybody.
    """
    if told is None or not following:
        return own != told
    return own._replace(offset=0, keys=0) != told._replace(offset=0, keys=0) or bool(own.keys) != bool(
        told.keys
    )


def promoted_node(reports: Mapping[str, Report]) -> str:
    """The node that has the Promoted role, by the newest generation; empty when none has."""
    nodes = [node for node in sorted(reports) if reports[node].promoted]
    return max(nodes, key=lambda node: reports[node].generation, default="")


def may_follow(own: Report, promoted: Report) -> bool:
    """Whether becoming a replica, which replaces the node's own data, loses nothing that is newer."""
    return bool(promoted.generation >= own.generation)
