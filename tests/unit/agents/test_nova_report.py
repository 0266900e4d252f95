"""The engine report: the knowledge of a long-running engine in the report of a single poll."""

from __future__ import annotations

import json
from urllib.parse import quote

from nova_site import Site, site

from pacemaker_os.agents.nova_evacuate.report import Report


def poll_once(found: Site) -> Report:
    """Return the report of an engine without memory."""
    return found.new_engine().poll()


def state(report: Report) -> str:
    (host,) = report.hosts
    return str(host.instances[0].state)


def with_one_stuck() -> Site:
    """Return a site with a fenced node whose only instance lost its evacuation message."""
    found = site(1, 2, evacuation_timeout=120.0)
    found.fence("compute1")
    found.step()
    found.cloud.moves[0].lost = True
    found.run(200)
    return found


def test_engine_report_passes_stuck_state_on() -> None:
    found = with_one_stuck()
    assert state(found.report) == "stuck"
    seen = poll_once(found)
    assert state(seen) == "in-progress"
    seen.merge_engine_report([found.report.to_engine_report()])
    assert state(seen) == "stuck"
    assert seen.problems == found.report.problems


def test_engine_report_does_not_override_final_state() -> None:
    found = with_one_stuck()
    before = found.report.to_engine_report()
    found.cloud.moves[0].lost = False
    found.cloud.sleep(10)
    seen = poll_once(found)
    seen.merge_engine_report([before])
    assert state(seen) == "evacuated"


def test_engine_report_without_problems_is_empty() -> None:
    found = site(3)
    found.fence("compute1")
    found.until_closed()
    assert found.report.to_engine_report() == ""


def test_engine_report_unknown_state_is_ignored() -> None:
    """An engine of another release may report it until it re-executes itself."""
    found = with_one_stuck()
    seen = poll_once(found)
    seen.merge_engine_report([quote(json.dumps([["given up", "", ["vm00", "vm01"]]]))])
    assert state(seen) == "in-progress"
