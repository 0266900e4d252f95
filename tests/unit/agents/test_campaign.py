"""The pure parts of the fault campaign: the faults of a seed, and the detection of losses."""

from __future__ import annotations

import pytest

from benchmarks.agents.check import losses
from benchmarks.agents.faults import KINDS, faults
from benchmarks.agents.services import SERVICES, fill
from pacemaker_os import document

NODES = ["n1", "n2", "n3"]


def test_same_seed_gives_same_faults() -> None:
    assert list(faults(7, 40, NODES)) == list(faults(7, 40, NODES))
    assert list(faults(7, 40, NODES)) != list(faults(8, 40, NODES))


def test_long_campaign_contains_every_fault() -> None:
    found = list(faults(1, 200, NODES))
    assert {fault.kind for fault in found} == set(KINDS)
    assert {node for fault in found for node in fault.nodes} == set(NODES)
    assert all((fault.nodes == ()) == (fault.kind == "power-loss") for fault in found)


GOOD = ["a", "b"]


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ({"n1": ["a", "b"], "n2": ["b", "a"]}, []),
        ({"n1": ["a", "b", "x"], "n2": ["b", "a", "x"]}, []),
        ({"n1": ["a", "b"], "n2": ["a"]}, ["n2: 1 acknowledged writes are missing", "n1 and n2 differ in 1"]),
        ({"n1": ["a", "b", "b"]}, ["n1: 1 writes exist more than once"]),
        ({"n1": ["a", "b", "z"]}, ["n1: 1 were never written"]),
        ({"n1": ["a", "b", "x"], "n2": ["a", "b"]}, ["n1 and n2 differ in 1 writes"]),
    ],
)
def test_losses_are_detected(read: dict[str, list[str]], expected: list[str]) -> None:
    found = list(losses(GOOD, [*GOOD, "x"], read))
    assert len(found) == len(expected)
    assert all(text in sentence for text, sentence in zip(expected, found, strict=True))


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("which", ["ours", "shell"])
def test_measured_documents_are_valid(name: str, which: str) -> None:
    text = fill(SERVICES[name].documents[which], nodes_commas="n1,n2,n3", count=3)
    assert [found.id for found in document.load(text).objects()]
