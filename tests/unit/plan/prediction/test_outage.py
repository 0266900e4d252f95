"""Services that are fully interrupted."""

from __future__ import annotations

import pytest

from pacemaker_os.plan.prediction.effects import Effect
from pacemaker_os.plan.prediction.outage import find_fully_interrupted
from pacemaker_os.plan.prediction.running import ResourceState


def runs(name: str, *nodes: str, clone: str = "") -> list[ResourceState]:
    """Return instances of a resource, one on each node. `clone` is the clone that contains them."""
    parents = (clone,) if clone else ()
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


def effects_on(verb: str, service: str, *nodes: str) -> list[Effect]:
    return [Effect(verb, "db", service, node, node) for node in nodes]


@pytest.mark.parametrize(
    ("running", "effects", "interrupted"),
    [
        (
            runs("db", "n1", "n2", clone="db-clone"),
            effects_on("restart", "db-clone", "n1", "n2"),
            ("db-clone",),
        ),
        (runs("db", "n1", "n2", clone="db-clone"), effects_on("restart", "db-clone", "n1"), ()),
        (runs("db", "n1", "n2", clone="db-clone"), effects_on("reload", "db-clone", "n1", "n2"), ()),
        (
            runs("db", "n1", "n2", clone="db-clone"),
            [*effects_on("restart", "db-clone", "n1"), *effects_on("stop", "db-clone", "n2")],
            ("db-clone",),
        ),
        # A service that stops permanently is not an interruption.
        (runs("db", "n1", "n2", clone="db-clone"), effects_on("stop", "db-clone", "n1", "n2"), ()),
        # The restart of a single instance is an interruption by definition.
        (runs("db", "n1"), effects_on("restart", "db", "n1"), ()),
        (runs("db", "n1", clone="db-clone"), effects_on("restart", "db-clone", "n1"), ()),
    ],
)
def test_service_is_fully_interrupted_if_all_instances_stop_first(
    running: list[ResourceState], effects: list[Effect], interrupted: tuple[str, ...]
) -> None:
    assert find_fully_interrupted(running, effects) == interrupted
