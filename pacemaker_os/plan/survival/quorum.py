"""Who has quorum: corosync's votes (votequorum(5), corosync-qdevice(8))."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

#: A line of corosync-cmapctl: the key, the value's type, and the value.
_LINE = re.compile(r"^(\S+) \(\w+\) = (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes of every cluster node by its name, and what else helps to a majority.

    `device` are the votes of a quorum device, which it gives to those who are left when others die.
    `two_node`: one of two is enough. `tie_breaker` is the node with which half of the votes is enough.
    """

    nodes: Mapping[str, int]
    device: int = 0
    two_node: bool = False
    tie_breaker: str = ""

    @property
    def total(self) -> int:
        """All votes that there are."""
        return sum(self.nodes.values()) + self.device

    def of(self, left: Collection[str]) -> int:
        """The votes that these nodes have when all others are gone."""
        return sum(votes for name, votes in self.nodes.items() if name in left) + self.device

    def quorate(self, left: Collection[str]) -> bool:
        """Whether these nodes have quorum when all others are gone at once."""
        votes = self.of(left)
        tie = 2 * votes == self.total and self.tie_breaker in left
        return 2 * votes > self.total or tie or (self.two_node and votes > 0)


def majority(names: Collection[str]) -> Votes:
    """A vote each and nothing else."""
    return Votes(dict.fromkeys(names, 1))


def two_node(names: Collection[str]) -> Votes:
    """corosync's two_node; with more than two nodes it does nothing."""
    return Votes(dict.fromkeys(names, 1), two_node=len(names) == 2)


def ffsplit(names: Collection[str]) -> Votes:
    """A quorum device that breaks ties: it has one vote."""
    return Votes(dict.fromkeys(names, 1), device=1)


def lms(names: Collection[str]) -> Votes:
    """A quorum device with which the last node standing has quorum: it has a vote less than the nodes."""
    return Votes(dict.fromkeys(names, 1), device=max(len(names) - 1, 0))


#: Ways to count votes, by the names that corosync has for them.
WAYS = {"majority": majority, "two_node": two_node, "ffsplit": ffsplit, "lms": lms}


def read_votes(text: str, names: Iterable[str]) -> Votes:
    """The votes of the nodes `names`, from what `corosync-cmapctl` prints on one of them."""
    said = dict(_LINE.findall(text))
    own = {
        said.get(f"{place}.name"): int(said.get(f"{place}.quorum_votes", 1))
        for place in {key.rpartition(".")[0] for key in said if key.startswith("nodelist.node.")}
    }
    nodes = {name: own.get(name, 1) for name in names}
    device = 0
    if said.get("quorum.device.model"):
        last = said.get("quorum.device.net.algorithm") == "lms"
        device = int(said.get("quorum.device.votes", len(nodes) - 1 if last else 1))
    return Votes(
        nodes,
        device=device,
        two_node=said.get("quorum.two_node") == "1" and len(nodes) == 2 and not device,
        tie_breaker=_tie_breaker(said) if said.get("quorum.auto_tie_breaker") == "1" else "",
    )


def _tie_breaker(said: Mapping[str, str]) -> str:
    """The node that breaks ties: the one with the lowest id, or (when it is said) the highest."""
    places = {key.rpartition(".")[0] for key in said if re.fullmatch(r"nodelist\.node\.\d+\.nodeid", key)}
    by_id = sorted((int(said[f"{place}.nodeid"]), said.get(f"{place}.name", "")) for place in places)
    chosen = -1 if said.get("quorum.auto_tie_breaker_node") == "highest" else 0
    return by_id[chosen][1] if by_id else ""
