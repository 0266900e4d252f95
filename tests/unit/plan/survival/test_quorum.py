"""Votes and quorum according to corosync."""

from __future__ import annotations

import pytest

from pacemaker_os.plan.survival.quorum import ALGORITHMS, read_votes

N2, N3, N4 = (tuple(f"n{number}" for number in range(1, count + 1)) for count in (2, 3, 4))

#: Output of corosync-cmapctl for four nodes. n1 has the lowest id.
NODES = "\n".join(
    f"nodelist.node.{n}.name (str) = n{n + 1}\nnodelist.node.{n}.nodeid (u32) = {n + 1}" for n in range(4)
)
DEVICE = "quorum.device.model (str) = net\nquorum.device.net.algorithm (str) = "
TIE = "quorum.auto_tie_breaker (u32) = 1"


@pytest.mark.parametrize(
    ("algorithm", "names", "remaining", "quorate"),
    [
        ("majority", N3, ("n1", "n2"), True),
        ("majority", N3, ("n1",), False),
        ("majority", N2, ("n1",), False),
        ("two_node", N2, ("n1",), True),
        ("two_node", N3, ("n1",), False),
        ("ffsplit", N2, ("n1",), True),
        ("ffsplit", N4, ("n1", "n2"), True),
        ("ffsplit", N4, ("n1",), False),
        ("lms", N4, ("n1",), True),
        ("lms", N4, (), False),
    ],
)
def test_quorum_of_algorithm(
    algorithm: str, names: tuple[str, ...], remaining: tuple[str, ...], quorate: bool
) -> None:
    assert ALGORITHMS[algorithm](names).quorate(remaining) == quorate


@pytest.mark.parametrize(
    ("output", "names", "remaining", "quorate"),
    [
        ("", N3, ("n1",), False),
        ("quorum.two_node (u8) = 1", N2, ("n2",), True),
        ("quorum.two_node (u8) = 0", N2, ("n2",), False),
        ("quorum.two_node (u8) = 1", N3, ("n2",), False),
        (f"{DEVICE}ffsplit\nquorum.device.votes (u32) = 1", N2, ("n2",), True),
        (f"{DEVICE}ffsplit", N4, ("n1", "n2"), True),
        (f"{DEVICE}lms", N4, ("n3",), True),
        (f"{DEVICE}ffsplit", N4, ("n3",), False),
        ("nodelist.node.0.quorum_votes (u32) = 5", N4, ("n1",), True),
        ("nodelist.node.0.quorum_votes (u32) = 5", N4, ("n2", "n3", "n4"), False),
        (TIE, N4, ("n1", "n3"), True),
        (TIE, N4, ("n2", "n3"), False),
        (f"{TIE}\nquorum.auto_tie_breaker_node (str) = highest", N4, ("n2", "n4"), True),
    ],
)
def test_quorum_from_corosync_output(
    output: str, names: tuple[str, ...], remaining: tuple[str, ...], quorate: bool
) -> None:
    assert read_votes(f"{NODES}\n{output}\n", names).quorate(remaining) == quorate
