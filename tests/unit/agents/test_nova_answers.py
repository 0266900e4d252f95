"""Nova with wrong, late or missing responses."""

from __future__ import annotations

import pytest
from nova_site import all_well, site

from pacemaker_os.agents.nova_evacuate.nova.session import Request


def test_poll_cell_database_down_is_not_an_empty_host() -> None:
    """Nova then returns 200 with incomplete lists."""
    found = site()
    found.fence("compute1")
    found.cloud.cell_is_down = True
    found.run(20)
    assert found.cluster.requests
    assert "Nova cannot reach the database of the cell of compute1" in found.report.summary()
    found.cloud.cell_is_down = False
    found.until_closed()
    all_well(found)


def test_poll_cell_database_down_between_queries() -> None:
    found = site()
    found.fence("compute1")

    def down_from_here(request: Request) -> str:
        found.cloud.cell_is_down |= "servers" in request.url
        return ""

    for _ in range(3):
        found.cloud.fault = down_from_here
        found.run(5)
        assert found.cluster.requests
        assert found.cloud.cell_is_down
        found.cloud.fault = lambda request: ""
        found.cloud.cell_is_down = False
    found.until_closed()
    all_well(found)


def test_poll_overwritten_marker_is_restored() -> None:
    found = site()
    found.fence("compute1", back=True)
    found.step()
    found.cloud.machines["compute1"].reason = "on fire"
    found.until_closed()
    found.run(10)
    all_well(found)
    assert found.cloud.machines["compute1"].status == "enabled"


def test_poll_marker_overwritten_without_engine_is_reported() -> None:
    found = site()
    found.fence("compute1")
    found.step()
    found.cloud.machines["compute1"].reason = "on fire"
    found.engine = None
    found.run(5)
    assert found.cluster.requests
    assert "evacuate the remaining instances manually" in found.report.summary()


def test_poll_server_errors_are_retried() -> None:
    found = site()
    begin = found.cloud.now
    found.cloud.fault = lambda request: "500" if found.cloud.now - begin < 30 else ""
    found.fence("compute1")
    assert found.until_closed() < 30 + 10 * 1.6 + 10
    all_well(found)


@pytest.mark.parametrize("fault", ["500", "500 done", "reset", "reset done", "late 50"])
def test_evacuation_with_lost_response_is_not_repeated(fault: str) -> None:
    found = site()
    hit: list[str] = []

    def once_each(request: Request) -> str:
        if b'"evacuate"' in request.body and request.url not in hit:
            hit.append(request.url)
            return fault
        return ""

    found.cloud.fault = once_each
    found.fence("compute1")
    found.until_closed()
    assert len(hit) == 10
    all_well(found)


def test_evacuation_refused_connection_is_retried_immediately() -> None:
    found = site()
    begin = found.cloud.now
    found.cloud.fault = lambda request: "refused" if found.cloud.now - begin < 20 else ""
    found.fence("compute1")
    assert found.until_closed() < 20 + 10 * 1.6 + 10
    all_well(found)


def test_session_expired_token_is_renewed() -> None:
    found = site()
    found.step()
    assert found.engine
    found.engine.nova.session._token = "old"
    found.fence("compute1")
    found.until_closed()
    all_well(found)
