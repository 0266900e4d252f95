"""Evacuation requests, with the output of Pacemaker's programs in the versions 2.1.5 and 3.0."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pacemaker_os.agents.nova_evacuate.requests import ENGINE_REPORT, Requests, Runs
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.command import Result


def returning(status: int, stdout: str = "", stderr: str = "") -> Requests:
    """Return the requests of a cluster whose programs all have this result."""

    def ask(argv: Sequence[str]) -> Result:
        return Result(status, stdout, stderr)

    return Requests(ask)


@pytest.mark.parametrize("status", [105, 78, 6])
def test_running_unset_attribute_has_no_nodes(status: int) -> None:
    error = "attrd_updater: Could not query value of nova-compute-runs: attribute does not exist"
    assert returning(status, stderr=error).running() == {}
    assert returning(status, stderr=error).crashed() == {}


def test_running_empty_attribute_has_no_node() -> None:
    lines = (
        'name="nova-compute-runs" host="compute01" value="1795208252-1795208000"\n'
        'name="nova-compute-runs" host="compute02" value=""\n'
    )
    assert returning(0, lines).running() == {"compute01": Runs(1795208252.0, 1795208000.0)}


def test_running_failed_query_is_a_failure() -> None:
    with pytest.raises(Failure, match="attrd_updater failed: Connection refused"):
        returning(102, stderr="Connection refused").running()


def test_engine_report_is_a_private_attribute_of_every_node() -> None:
    """Values that change in every poll cycle must not be in the CIB: changes start the scheduler."""
    commands: list[Sequence[str]] = []

    def ask(argv: Sequence[str]) -> Result:
        commands.append(argv)
        line = f'name="{ENGINE_REPORT}" host="controller02" value="%5B%5D"\n'
        return Result(0, line if "--query" in argv else "", "")

    cluster = Requests(ask)
    cluster.publish_engine_report("%5B%5D")
    cluster.publish_engine_report("")
    assert all("--private" in argv for argv in commands)
    assert ["--update" in argv for argv in commands] == [True, False]
    assert cluster.engine_reports() == ["%5B%5D"]
