"""The pushes of an apply, on a cluster that does what the scheduler decides."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from simulated import SimulatedCluster

from pacemaker_os.cluster.apply import stopping
from pacemaker_os.cluster.apply.apply import apply_plan
from pacemaker_os.cluster.apply.outcome import ApplyEvent, ApplyOptions, Outcome, Pushed
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import prepare_document
from pacemaker_os.document import Source, read
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.prediction.simulation import NOTHING

pytestmark = [
    pytest.mark.usefixtures("no_delays"),
    pytest.mark.skipif(
        shutil.which("crm_simulate") is None,
        reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
    ),
]

DUMMY = "{agent: 'ocf:pacemaker:Dummy'}"
BOUND = f"resources: {{disk: {DUMMY}, db: {DUMMY}, web: {DUMMY}}}\norder: [disk then db]\n"
ONLY_WEB = f"resources: {{web: {DUMMY}}}\n"


@pytest.fixture
def site(tmp_path: Path) -> SimulatedCluster:
    return SimulatedCluster(tmp_path)


def apply(
    site: SimulatedCluster, text: str, *, options: ApplyOptions | None = None
) -> tuple[Outcome, list[str]]:
    """Apply a document; return the outcome and the versions that were written."""
    versions: list[str] = []

    def on_event(event: ApplyEvent) -> None:
        if isinstance(event, Pushed):
            versions.append(str(event.version))

    cluster = site.cluster()
    document = read([Source("site.cib.yaml", text)])
    prepared = prepare_document(cluster, document, PlanOptions(validate_agents=False))
    return apply_plan(cluster, prepared, options or ApplyOptions(), on_event), versions


def resources(site: SimulatedCluster) -> list[str]:
    return [str(each.get("id")) for each in site.cib.iterfind("configuration/resources/*")]


def roles(site: SimulatedCluster) -> dict[str, str]:
    """Return the target roles in the second to last CIB that was written."""
    pairs = site.written[-2].iterfind(".//nvpair[@name='target-role']")
    return {pair.getparent().getparent().get("id"): pair.get("value") for pair in pairs}


def test_most_plans_are_pushed_once(site: SimulatedCluster) -> None:
    outcome, versions = apply(site, BOUND)
    assert (outcome.succeeded, outcome.settled, len(versions)) == (True, True, 1)
    _, versions = apply(site, BOUND.replace("disk then db", "disk then web"))
    assert len(versions) == 1
    _, versions = apply(site, f"resources: {{disk: {DUMMY}, web: {DUMMY}}}\n")
    assert len(versions) == 1


def test_resources_with_an_order_are_stopped_before_they_are_removed(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    outcome, versions = apply(site, ONLY_WEB)
    assert (outcome.succeeded, outcome.plan.stop_before_removal, len(versions)) == (True, ("disk", "db"), 2)
    assert roles(site) == {"disk": "Stopped", "db": "Stopped"}
    assert site.written[-2].find(".//rsc_order") is not None
    assert resources(site) == ["web"]
    assert site.cib.find(".//rsc_order") is None
    assert len(site.files) == 2


def test_resource_that_does_not_stop_is_not_removed(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    site.deaf = True
    outcome, versions = apply(site, ONLY_WEB)
    assert (outcome.succeeded, outcome.settled, outcome.removed, len(versions)) == (False, False, False, 1)
    assert outcome.record is not None
    assert outcome.record.progress == "failed"
    assert outcome.warnings[-1] == (
        "disk, db did not stop and were not removed; their target-role is Stopped. "
        "All other changes were written"
    )
    assert resources(site) == ["disk", "db", "web"]


def test_resource_that_does_not_stop_is_rolled_back_on_request(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    site.deaf = True
    outcome, _ = apply(site, ONLY_WEB, options=ApplyOptions(rollback_on_failure=True))
    assert (outcome.rolled_back, resources(site)) == (True, ["disk", "db", "web"])
    assert site.cib.find(".//nvpair[@name='target-role']") is None


def test_foreign_change_between_the_pushes_is_a_conflict(site: SimulatedCluster) -> None:
    apply(site, BOUND)
    site.others = "web"
    with pytest.raises(
        Conflict,
        match=r"they: - primitive web(.|\n)*removal of disk, db were written; target-role is Stopped",
    ):
        apply(site, ONLY_WEB)
    assert resources(site) == ["disk", "db"]


def test_resources_are_not_removed_after_the_view_of_a_node_that_has_just_booted(
    site: SimulatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settle(cluster: Cluster, **options: Any) -> Progress:
        problem = "the node has an old CIB"
        snapshot = cluster.query()
        return Progress(1.0, snapshot, NOTHING, (), (), settled=False, stalled=True, problem=problem)

    apply(site, BOUND)
    monkeypatch.setattr(stopping, "settle", settle)
    outcome, versions = apply(site, ONLY_WEB)
    assert (outcome.succeeded, outcome.removed, len(versions)) == (False, False, 1)
    assert outcome.warnings[-1] == (
        "cannot verify that disk, db stopped: the node has an old CIB; they were not removed; "
        "their target-role is Stopped. All other changes were written"
    )
    assert resources(site) == ["disk", "db", "web"]
