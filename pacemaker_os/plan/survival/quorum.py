"""Quorum according to corosync (votequorum(5), corosync-qdevice(8))."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from pacemaker_os.dataclass import dataclass

#: A line of corosync-cmapctl: the key, the type of the value, and the value.
_LINE = re.compile(r"^(\S+) \(\w+\) = (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes of each cluster node, and what else counts toward a majority.

    `device` is the number of votes of a quorum device, which it casts for the remaining nodes. With
    `two_node`, one of two nodes has quorum. With the node `tie_breaker`, half of the votes is sufficient.
    """

    nodes: Mapping[str, int]
    device: int = 0
    two_node: bool = False
    tie_breaker: str = ""

    @property
    def total(self) -> int:
        """The number of all votes."""
        return sum(self.nodes.values()) + self.device

    def of(self, remaining: Collection[str]) -> int:
        """Return the number of votes of these nodes if all others have failed."""
        return sum(votes for name, votes in self.nodes.items() if name in remaining) + self.device

    def quorate(self, remaining: Collection[str]) -> bool:
        """Return whether these nodes have quorum if all others failed at the same time."""
        votes = self.of(remaining)
        tie = 2 * votes == self.total and self.tie_breaker in remaining
        return 2 * votes > self.total or tie or (self.two_node and votes > 0)


def majority(names: Collection[str]) -> Votes:
    """Return one vote for each node."""
    return Votes(dict.fromkeys(names, 1))


def two_node(names: Collection[str]) -> Votes:
    """Return the votes with two_node, which only affects clusters of two nodes."""
    return Votes(dict.fromkeys(names, 1), two_node=len(names) == 2)


def ffsplit(names: Collection[str]) -> Votes:
    """Return the votes with a quorum device that breaks ties. It has one vote."""
    return Votes(dict.fromkeys(names, 1), device=1)


def lms(names: Collection[str]) -> Votes:
    """Return the votes with a quorum device that gives the last remaining node quorum.

    It has one vote less than there are nodes.
    """
    return Votes(dict.fromkeys(names, 1), device=max(len(names) - 1, 0))


#: Quorum algorithms, by the names that corosync uses.
ALGORITHMS = {"majority": majority, "two_node": two_node, "ffsplit": ffsplit, "lms": lms}


def read_votes(text: str, names: Iterable[str]) -> Votes:
    """Return the votes of the nodes `names` from the output of `corosync-cmapctl` on one of them."""
    values = dict(_LINE.findall(text))
    configured = {
        values.get(f"{prefix}.name"): int(values.get(f"{prefix}.quorum_votes", 1))
        for prefix in {key.rpartition(".")[0] for key in values if key.startswith("nodelist.node.")}
    }
    nodes = {name: configured.get(name, 1) for name in names}
    device = 0
    if values.get("quorum.device.model"):
        last = values.get("quorum.device.net.algorithm") == "lms"
        device = int(values.get("quorum.device.votes", len(nodes) - 1 if last else 1))
    return Votes(
        nodes,
        device=device,
        two_node=values.get("quorum.two_node") == "1" and len(nodes) == 2 and not device,
        tie_breaker=_tie_breaker(values) if values.get("quorum.auto_tie_breaker") == "1" else "",
    )


def _tie_breaker(values: Mapping[str, str]) -> str:
    """Return the node that breaks ties: by default, the one with the lowest id."""
    prefixes = {key.rpartition(".")[0] for key in values if re.fullmatch(r"nodelist\.node\.\d+\.nodeid", key)}
    by_id = sorted((int(values[f"{prefix}.nodeid"]), values.get(f"{prefix}.name", "")) for prefix in prefixes)
    index = -1 if values.get("quorum.auto_tie_breaker_node") == "highest" else 0
    return by_id[index][1] if by_id else ""
