"""Nova that answers wrongly, late, or not at all."""

from __future__ import annotations

import pytest
from nova_site import all_well, site

from pacemaker_os.agents.nova_evacuate.nova.session import Asked


def test_a_cell_whose_database_is_down_is_not_an_empty_host() -> None:
    """Nova then answers 200, with lists that lack what it cannot see."""
    found = site()
    found.fence("compute1")
    found.cloud.cell_is_down = True
    found.run(20)
    assert found.cluster.requests
    assert "the database of the cell of compute1 does not answer" in found.report.summary()
    found.cloud.cell_is_down = False
    found.until_closed()
    all_well(found)


def test_a_cell_that_goes_down_between_two_questions() -> None:
    found = site()
    found.fence("compute1")

    def down_from_here(asked: Asked) -> str:
        found.cloud.cell_is_down |= "servers" in asked.url
        return ""

    for _ in range(3):
        found.cloud.fault = down_from_here
        found.run(5)
        assert found.cluster.requests
        assert found.cloud.cell_is_down
        found.cloud.fault = lambda asked: ""
        found.cloud.cell_is_down = False
    found.until_closed()
    all_well(found)


def test_a_reason_that_somebody_writes_over_ours() -> None:
    found = site()
    found.fence("compute1", back=True)
    found.step()
    found.cloud.machines["compute1"].reason = "on fire"
    found.until_closed()
    found.run(10)
    all_well(found)
    assert found.cloud.machines["compute1"].status == "enabled"


def test_a_reason_that_was_written_over_while_no_engine_looked_is_told() -> None:
    found = site()
    found.fence("compute1")
    found.step()
    found.cloud.machines["compute1"].reason = "on fire"
    found.engine = None
    found.run(5)
    assert found.cluster.requests
    assert "evacuate the rest by hand" in found.report.summary()


def test_five_hundreds_for_half_a_minute() -> None:
    found = site()
    begin = found.cloud.now
    found.cloud.fault = lambda asked: "500" if found.cloud.now - begin < 30 else ""
    found.fence("compute1")
    assert found.until_closed() < 30 + 10 * 1.6 + 10
    all_well(found)


@pytest.mark.parametrize("fault", ["500", "500 done", "reset", "reset done", "late 50"])
def test_an_evacuation_whose_answer_is_lost_is_never_asked_for_twice(fault: str) -> None:
    found = site()
    hit: list[str] = []

    def once_each(asked: Asked) -> str:
        if b'"evacuate"' in asked.body and asked.url not in hit:
            hit.append(asked.url)
            return fault
        return ""

    found.cloud.fault = once_each
    found.fence("compute1")
    found.until_closed()
    assert len(hit) == 10
    all_well(found)


def test_a_refused_connection_is_asked_again_at_once() -> None:
    found = site()
    begin = found.cloud.now
    found.cloud.fault = lambda asked: "refused" if found.cloud.now - begin < 20 else ""
    found.fence("compute1")
    assert found.until_closed() < 20 + 10 * 1.6 + 10
    all_well(found)


def test_a_token_that_ran_out_is_renewed() -> None:
    found = site()
    found.step()
    assert found.engine
    found.engine.nova.session._token = "old"
    found.fence("compute1")
    found.until_closed()
    all_well(found)
