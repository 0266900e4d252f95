"""What an engine says that has looked for long, and what somebody who looks once makes of it."""

from __future__ import annotations

from nova_site import Site, site

from pacemaker_os.agents.nova_evacuate.report import Report


def looked_once(found: Site) -> Report:
    """What a spectator sees, who remembers nothing."""
    return found.new_engine().look()


def state(report: Report) -> str:
    (host,) = report.hosts
    return str(host.instances[0].state)


def with_one_stuck() -> Site:
    """A node that was fenced, and the message for its only instance lost."""
    found = site(1, 2, evacuation_timeout=120.0)
    found.fence("compute1")
    found.step()
    found.cloud.moves[0].lost = True
    found.run(200)
    return found


def test_what_is_stuck_is_stuck_for_somebody_who_has_just_come() -> None:
    found = with_one_stuck()
    assert state(found.report) == "stuck"
    seen = looked_once(found)
    assert state(seen) == "in-progress"
    seen.merge_engine_report([found.report.to_engine_report()])
    assert state(seen) == "stuck"
    assert seen.problems == found.report.problems


def test_what_has_moved_since_is_not_stuck_any_more() -> None:
    found = with_one_stuck()
    before = found.report.to_engine_report()
    found.cloud.moves[0].lost = False
    found.cloud.sleep(10)
    seen = looked_once(found)
    seen.merge_engine_report([before])
    assert state(seen) == "evacuated"


def test_where_all_is_well_nothing_is_told() -> None:
    found = site(3)
    found.fence("compute1")
    found.until_closed()
    assert found.report.to_engine_report() == ""
