"""What Pacemaker's programs answer, as versions 2.1.5 and 3.0 were seen to, and what is made of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pacemaker_os.agents.nova_evacuate.requests import ENGINE_REPORT, Requests, Runs
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.command import Result


def saying(status: int, stdout: str = "", stderr: str = "") -> Requests:
    """A cluster whose programs all say this."""

    def ask(argv: Sequence[str]) -> Result:
        return Result(status, stdout, stderr)

    return Requests(ask)


@pytest.mark.parametrize("status", [105, 78, 6])
def test_an_attribute_that_nobody_has_set_is_on_no_node(status: int) -> None:
    said = "attrd_updater: Could not query value of nova-compute-runs: attribute does not exist"
    assert saying(status, stderr=said).running() == {}
    assert saying(status, stderr=said).crashed() == {}


def test_an_attribute_without_a_value_is_on_no_node() -> None:
    lines = (
        'name="nova-compute-runs" host="compute01" value="1795208252-1795208000"\n'
        'name="nova-compute-runs" host="compute02" value=""\n'
    )
    assert saying(0, lines).running() == {"compute01": Runs(1795208252.0, 1795208000.0)}


def test_a_cluster_that_does_not_answer_is_not_one_without_attributes() -> None:
    with pytest.raises(Failure, match="attrd_updater: Connection refused"):
        saying(102, stderr="Connection refused").running()


def test_what_an_engine_tells_is_private_and_is_read_from_every_node() -> None:
    """What changes at every look belongs in no CIB, of which each change makes the scheduler run."""
    asked: list[Sequence[str]] = []

    def ask(argv: Sequence[str]) -> Result:
        asked.append(argv)
        line = f'name="{ENGINE_REPORT}" host="controller02" value="%5B%5D"\n'
        return Result(0, line if "--query" in argv else "", "")

    cluster = Requests(ask)
    cluster.tell("%5B%5D")
    cluster.tell("")
    assert all("--private" in argv for argv in asked)
    assert ["--update" in argv for argv in asked] == [True, False]
    assert cluster.told() == ["%5B%5D"]
