"""Signals during an apply on a simulated cluster: what is written, recorded and rolled back."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from lxml import etree
from simulated import SimulatedCluster

from pacemaker_os.cib.tree import content
from pacemaker_os.cluster.apply.apply import apply_plan
from pacemaker_os.cluster.apply.outcome import ApplyEvent, ApplyOptions, Outcome, Pushed, Recorded
from pacemaker_os.cluster.apply.rollback import rollback_newest
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.observe.applies import load_applies
from pacemaker_os.cluster.planning.planner import prepare_document
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.document import Source, read
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.signals import Interrupted, interruptible

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
    made = SimulatedCluster(tmp_path)
    apply(made, BOUND)
    return made


def apply(
    site: SimulatedCluster, text: str, *, at: type | None = None, options: ApplyOptions | None = None
) -> Outcome:
    """Apply a document, and send a signal at the first event of a class."""
    sent = []

    def on_event(event: ApplyEvent) -> None:
        if at is not None and isinstance(event, at) and not sent:
            sent.append(event)
            os.kill(os.getpid(), signal.SIGTERM)

    prepared = prepare_document(
        site.cluster(), read([Source("site.cib.yaml", text)]), PlanOptions(validate_agents=False)
    )
    with interruptible():
        return apply_plan(site.cluster(), prepared, options or ApplyOptions(), on_event)


def configuration(site: SimulatedCluster) -> bytes:
    return content.canonical(content.configuration(site.cib))


def states(site: SimulatedCluster) -> list[str]:
    history = load_applies(site.cluster()).history
    return [history.lineage.state(record) for record in history.records]


def roll_back(site: SimulatedCluster) -> None:
    reversal = rollback_newest(site.cluster())
    apply_plan(site.cluster(), reversal.prepared, ApplyOptions(), lambda event: None, intent=reversal.intent)


def test_signal_before_the_write_prevents_it_and_leaves_no_record(site: SimulatedCluster) -> None:
    before = configuration(site)
    with pytest.raises(Interrupted):
        apply(site, BOUND.replace("disk then db", "disk then web"), at=Recorded)
    assert (configuration(site), states(site)) == (before, ["done"])


@pytest.mark.parametrize("at", [Pushed, Progress])
def test_signal_after_the_write_is_part_of_the_outcome(site: SimulatedCluster, at: type) -> None:
    before = configuration(site)
    outcome = apply(site, BOUND.replace("disk then db", "disk then web"), at=at)
    assert (outcome.interrupted, outcome.succeeded, outcome.rolled_back) == ("SIGTERM", False, False)
    assert (states(site)[0], configuration(site) == before) == ("interrupted", False)
    roll_back(site)
    assert configuration(site) == before


@pytest.mark.parametrize("text", [ONLY_WEB, BOUND.replace("disk then db", "disk then web")])
@pytest.mark.parametrize("at", [Pushed, Progress])
def test_signal_counts_as_a_failure_for_rollback_on_failure(
    site: SimulatedCluster, at: type, text: str
) -> None:
    before = configuration(site)
    outcome = apply(site, text, at=at, options=ApplyOptions(rollback_on_failure=True))
    assert (outcome.interrupted, outcome.rolled_back) == ("SIGTERM", True)
    assert configuration(site) == before
    assert "rolled-back" in states(site)


def test_signal_between_two_writes_leaves_a_half_that_is_rolled_back_exactly(site: SimulatedCluster) -> None:
    before = configuration(site)
    outcome = apply(site, ONLY_WEB, at=Pushed)
    assert (outcome.removed, states(site)[0]) == (False, "stopped")
    half = configuration(site)
    apply(site, ONLY_WEB)
    assert states(site)[:2] == ["done", "stopped"]
    roll_back(site)
    assert configuration(site) == half
    roll_back(site)
    assert configuration(site) == before


def test_lost_answer_of_a_write_is_found_in_the_cib(
    site: SimulatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = SimulatedCluster.compare_and_swap

    def lost(self: SimulatedCluster, base: Snapshot, patch: etree._Element) -> None:
        write(self, base, patch)
        raise TransportError("connection lost")

    monkeypatch.setattr(SimulatedCluster, "compare_and_swap", lost)
    outcome = apply(site, BOUND.replace("disk then db", "disk then web"))
    assert (outcome.succeeded, states(site)[0]) == (True, "done")


def test_write_without_an_answer_and_without_a_cib_is_named_unknown(
    site: SimulatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: SimulatedCluster, *arguments: object) -> None:
        monkeypatch.setattr(SimulatedCluster, "read", lost)
        raise TransportError("connection lost")

    read_cib = SimulatedCluster.read
    monkeypatch.setattr(SimulatedCluster, "compare_and_swap", lost)
    with pytest.raises(ClusterError, match="may have been written, because the connection failed"):
        apply(site, BOUND.replace("disk then db", "disk then web"))
    monkeypatch.setattr(SimulatedCluster, "read", read_cib)
    assert states(site) == ["not-written", "done"]
