"""Services that serve nowhere for a moment."""

from __future__ import annotations

import pytest

from pacemaker_os.plan.prediction.effects import Effect
from pacemaker_os.plan.prediction.outage import find_fully_interrupted
from pacemaker_os.plan.prediction.running import ResourceState


def runs(name: str, *nodes: str, whole: str = "") -> list[ResourceState]:
    """Instances of a resource, one on each node; `whole` is the clone around them."""
    parents = (whole,) if whole else ()
    return [
        ResourceState(
            id=name,
            agent="ocf:heartbeat:Dummy",
            role="Started",
            nodes=(node,),
            parents=parents,
            active=True,
            failed=False,
            managed=True,
            blocked=False,
            orphaned=False,
        )
        for node in nodes
    ]


def ends(verb: str, service: str, *nodes: str) -> list[Effect]:
    return [Effect(verb, "db", service, node, node) for node in nodes]


@pytest.mark.parametrize(
    ("running", "effects", "nowhere"),
    [
        (runs("db", "n1", "n2", whole="db-clone"), ends("restart", "db-clone", "n1", "n2"), ("db-clone",)),
        (runs("db", "n1", "n2", whole="db-clone"), ends("restart", "db-clone", "n1"), ()),
        (runs("db", "n1", "n2", whole="db-clone"), ends("reload", "db-clone", "n1", "n2"), ()),
        (
            runs("db", "n1", "n2", whole="db-clone"),
            [*ends("restart", "db-clone", "n1"), *ends("stop", "db-clone", "n2")],
            ("db-clone",),
        ),
        # What is taken away was meant to go.
        (runs("db", "n1", "n2", whole="db-clone"), ends("stop", "db-clone", "n1", "n2"), ()),
        # Of what runs once, a restart says it already.
        (runs("db", "n1"), ends("restart", "db", "n1"), ()),
        (runs("db", "n1", whole="db-clone"), ends("restart", "db-clone", "n1"), ()),
    ],
)
def test_every_instance_stops_before_one_starts(
    running: list[ResourceState], effects: list[Effect], nowhere: tuple[str, ...]
) -> None:
    assert find_fully_interrupted(running, effects) == nowhere
