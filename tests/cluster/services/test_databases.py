"""The database agents under Pacemaker: recovery without data loss, in 2 min."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from lab_handle import lab_up

from benchmarks.agents.measure import create, node_killed
from benchmarks.agents.prepare import prepare
from benchmarks.agents.services import SERVICES
from benchmarks.agents.settle import Lab
from benchmarks.agents.writers import Writers

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.cluster

NAME = "live"


@pytest.fixture(scope="module")
def lab(engine: DockerClient) -> Iterator[Lab]:
    """A cluster of three nodes with the daemons."""
    with lab_up(NAME, "--image", "services"):
        yield Lab(NAME)


def test_galera_recovers_from_killed_server(lab: Lab) -> None:
    service = SERVICES["galera"]
    prepare(lab, "galera")
    create(lab, "galera", "ours")
    assert "Failed Resource Actions" not in lab.node("controller01").run(["crm_mon", "-1"]).text
    with Writers(lab, "galera") as writers:
        lab.fault("stop-daemon", "controller02", "--daemon", service.daemon)
        lab.wait("the failure is detected", lambda: not lab.up(service.promoted))
        lab.wait("all three servers run", lambda: lab.up(service.promoted) and writers.answered())
        assert writers.problems() == []


def test_redis_recovers_from_failure_of_promoted_node(lab: Lab) -> None:
    prepare(lab, "redis")
    create(lab, "redis", "ours")
    found = node_killed(lab, "redis", "ours")
    assert found["wrong"] == []
    assert found["outage"] < 30  # 15 s on an idle machine
