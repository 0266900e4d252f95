"""What an apply writes and in which steps, on a cluster that does what the scheduler would do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from simulated import SimulatedCluster

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply import wait
from pacemaker_os.cluster.apply.apply import ApplyEvent, ApplyOptions, Outcome, apply_plan
from pacemaker_os.cluster.planning.planner import prepare_document
from pacemaker_os.document import Source, read
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.diff.compare import PlanOptions

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None,
    reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
)

DUMMY = "{agent: 'ocf:pacemaker:Dummy'}"
BOUND = f"resources: {{disk: {DUMMY}, db: {DUMMY}, web: {DUMMY}}}\norder: [disk then db]\n"
ONLY_WEB = f"resources: {{web: {DUMMY}}}\n"


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "PACE", 0.0)
    monkeypatch.setattr(wait, "STALLED_AFTER", 0.0)
    monkeypatch.setattr(wait.time, "sleep", lambda seconds: None)


@pytest.fixture
def site(tmp_path: Path) -> SimulatedCluster:
    return SimulatedCluster(tmp_path)


def apply(site: SimulatedCluster, text: str, *, way: ApplyOptions | None = None) -> tuple[Outcome, list[str]]:
    """Apply a document; returns the outcome and the versions that were written on the way."""
    versions: list[str] = []

    def tell(news: ApplyEvent) -> None:
        if isinstance(news, Version):
            versions.append(str(news))

    cluster = site.cluster()
    document = read([Source("site.cib.yaml", text)])
    prepared = prepare_document(cluster, document, PlanOptions(validate_agents=False))
    return apply_plan(cluster, prepared, way or ApplyOptions(), tell), versions


def resources(site: SimulatedCluster) -> list[str]:
    return [str(each.get("id")) for each in site.cib.iterfind("configuration/resources/*")]


def roles(site: SimulatedCluster) -> dict[str, str]:
    """Of the last but one that was written, who was to be Stopped."""
    pairs = site.written[-2].iterfind(".//nvpair[@name='target-role']")
    return {pair.getparent().getparent().get("id"): pair.get("value") for pair in pairs}


def test_one_step_is_enough_for_most(site: SimulatedCluster) -> None:
    outcome, versions = apply(site, BOUND)
    assert (outcome.succeeded, outcome.settled, len(versions)) == (True, True, 1)
    _, versions = apply(site, BOUND.replace("disk then db", "disk then web"))
    assert len(versions) == 1
    _, versions = apply(site, f"resources: {{disk: {DUMMY}, web: {DUMMY}}}\n")
    assert len(versions) == 1


def test_what_is_bound_together_is_stopped_and_then_removed(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    outcome, versions = apply(site, ONLY_WEB)
    assert (outcome.succeeded, outcome.plan.stop_before_removal, len(versions)) == (True, ("disk", "db"), 2)
    assert roles(site) == {"disk": "Stopped", "db": "Stopped"}
    assert site.written[-2].find(".//rsc_order") is not None
    assert resources(site) == ["web"]
    assert site.cib.find(".//rsc_order") is None
    assert len(site.files) == 2


def test_what_does_not_stop_is_not_removed(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    site.deaf = True
    outcome, versions = apply(site, ONLY_WEB)
    assert (outcome.succeeded, outcome.settled, outcome.record, len(versions)) == (False, False, None, 1)
    assert "does not stop: disk, db" in outcome.warnings[-1]
    assert resources(site) == ["disk", "db", "web"]


def test_what_does_not_stop_is_taken_back_on_request(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    site.deaf = True
    outcome, _ = apply(site, ONLY_WEB, way=ApplyOptions(rollback_on_failure=True))
    assert (outcome.rolled_back, resources(site)) == (True, ["disk", "db", "web"])
    assert site.cib.find(".//nvpair[@name='target-role']") is None


def test_change_of_others_between_the_steps_is_a_conflict_that_says_so(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    site.others = "web"
    with pytest.raises(
        Conflict, match=r"they: - primitive web(.|\n)*removal of disk, db was written: they are Stopped"
    ):
        apply(site, ONLY_WEB)
    assert resources(site) == ["disk", "db"]
