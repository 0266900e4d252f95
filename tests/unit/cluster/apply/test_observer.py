"""Nodes that are lost during an apply, and views of nodes that have not joined: scripted clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from lxml import etree

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply import apply, wait
from pacemaker_os.cluster.apply.apply import Baseline
from pacemaker_os.cluster.apply.observer import Observer
from pacemaker_os.cluster.apply.outcome import ApplyEvent, ApplyOptions, LostNode, Outcome, Pushed
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.monitor import Status
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.errors import TransportError
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.transport.base import Result

NODES = ("n1", "n2", "n3")
WRITTEN = Version(0, 5, 0)
PLAN = Plan(document="site", cluster="c", base=Version(0, 4, 0), digest="")


@dataclass(frozen=True)
class View:
    """What a node tells at one time: its CIB, and where services run."""

    epoch: int = 5
    dc: str = "1"
    quorum: str = "1"
    since: tuple[str, ...] = ("100", "100", "100")
    runs: tuple[tuple[str, str], ...] = (("vip", "n2"), ("db", "n2"), ("web", "n3"))
    gone: bool = False
    maintenance: bool = False

    def cib(self) -> str:
        dc = f'dc-uuid="{self.dc}"' if self.dc else ""
        nodes = "".join(f'<node id="{number}" uname="{name}"/>' for number, name in enumerate(NODES, 1))
        states = "".join(
            f'<node_state id="{number}" uname="{name}" crmd="{since}"/>'
            for number, (name, since) in enumerate(zip(NODES, self.since, strict=True), 1)
        )
        mode = '<nvpair id="m" name="maintenance-mode" value="true"/>' if self.maintenance else ""
        return (
            f'<cib admin_epoch="0" epoch="{self.epoch}" num_updates="0" have-quorum="{self.quorum}" {dc}>'
            f'<configuration><crm_config><cluster_property_set id="p">{mode}</cluster_property_set>'
            f"</crm_config><nodes>{nodes}</nodes></configuration><status>{states}</status></cib>"
        )

    def status(self) -> str:
        resources = "".join(
            f'<resource id="{name}" resource_agent="ocf:pacemaker:Dummy" role="Started" active="true" '
            f'orphaned="false" blocked="false" managed="true" failed="false" nodes_running_on="1">'
            f'<node name="{node}" id="1" cached="true"/></resource>'
            for name, node in self.runs
        )
        return f"<cluster_status><resources>{resources}</resources></cluster_status>"


HEALTHY = View()
LOST = replace(HEALTHY, since=("100", "0", "100"), runs=(("web", "n3"),))
RECOVERED = replace(LOST, runs=(("vip", "n1"), ("db", "n1"), ("web", "n3")))
RETURNED = replace(RECOVERED, since=("100", "200", "100"))
BOOTED = View(epoch=4, dc="", quorum="0", since=("0", "0", "0"), runs=())
ALONE = View(quorum="0", since=("0", "150", "0"), runs=())


@dataclass
class Node:
    """A transport to a node that gives one view after another; the last one stays."""

    views: list[View]
    name: str = "n1"
    now: View = field(default_factory=View)

    def run(self, argv: Sequence[str], **options: Any) -> Result:
        match argv[0]:
            case "cibadmin":
                self.now = self.views.pop(0) if len(self.views) > 1 else self.views[0]
                if self.now.gone:
                    raise TransportError("container is paused")
                text = self.now.cib()
            case "crmadmin":
                text = "S_IDLE"
            case _:
                text = f"<pacemaker-result>{self.now.status()}</pacemaker-result>"
        return Result(tuple(argv), 0, text.encode(), b"", 0.0)

    def put(self, data: object, path: str, **options: object) -> None: ...
    def get(self, path: str, **options: object) -> bytes:
        return b""

    def close(self) -> None: ...

    def cluster(self) -> Cluster:
        return Cluster(LiveStore(self), Scheduler(self), self, live=True)


@pytest.fixture(autouse=True)
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "UNUSABLE_AFTER", 0.05)
    monkeypatch.setattr(wait, "RETRY_TIMEOUT", 0.05)
    monkeypatch.setattr(wait, "INTERVAL", 0.01)
    monkeypatch.setattr(wait.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(apply, "read_status", lambda cluster: Status())


def observe(*nodes: Node) -> Outcome:
    """Return the outcome of a wait that reads the cluster through these nodes, one after another."""
    events: list[ApplyEvent] = []
    before = Simulation.read(etree.fromstring(f"<r>{HEALTHY.status()}</r>"))
    observer = Observer(events.append, etree.fromstring(HEALTHY.cib()), before)
    observer(Pushed(WRITTEN, "id"))
    outcome = apply._wait_and_verify(
        [node.cluster() for node in nodes], Outcome(PLAN, WRITTEN, None), ApplyOptions(), observer, Baseline()
    )
    return replace(outcome, lost_nodes=observer.lost)


def test_cluster_without_losses_has_no_lost_nodes() -> None:
    outcome = observe(Node([HEALTHY]))
    assert (outcome.succeeded, outcome.lost_nodes, outcome.conditions) == (True, (), ())


def test_node_that_is_lost_is_named_with_what_it_ran() -> None:
    outcome = observe(Node([HEALTHY, LOST, RECOVERED]))
    assert outcome.lost_nodes == (LostNode("n2", ("vip", "db")),)


def test_node_that_returns_during_the_wait_is_named() -> None:
    outcome = observe(Node([LOST, RETURNED]))
    assert outcome.lost_nodes == (LostNode("n2", ("vip", "db"), returned=True),)


def test_node_that_restarts_between_two_polls_is_named() -> None:
    outcome = observe(Node([HEALTHY, RETURNED]))
    assert outcome.lost_nodes == (LostNode("n2", ("vip", "db"), returned=True),)


@pytest.mark.parametrize(
    "view", [BOOTED, replace(BOOTED, epoch=5), ALONE], ids=["old", "without DC", "alone"]
)
def test_view_of_a_node_that_has_not_joined_is_not_used(view: View) -> None:
    outcome = observe(Node([view, view, RETURNED]))
    assert outcome.succeeded
    assert outcome.lost_nodes == (LostNode("n2", ("vip", "db"), returned=True),)
    never = observe(Node([view]))
    assert (never.succeeded, never.lost_nodes) == (False, ())
    assert never.warnings[-1].startswith("the change was written, but its result could not be verified: the ")


def test_result_is_read_through_another_node_if_the_connected_one_is_lost() -> None:
    paused = replace(HEALTHY, gone=True)
    outcome = observe(Node([paused]), Node([paused], "n2"), Node([LOST], "n3"))
    assert outcome.succeeded
    assert outcome.lost_nodes == (LostNode("n2", ("vip", "db")),)
    assert outcome.warnings == ("the result was read through n3, not n1: container is paused",)


def test_maintenance_mode_after_the_wait_is_a_condition() -> None:
    (text,) = observe(Node([replace(HEALTHY, maintenance=True)])).conditions
    assert text.startswith("the cluster is in maintenance mode")


def test_lost_quorum_is_not_the_result() -> None:
    outcome = observe(Node([replace(LOST, quorum="0")]))
    assert not outcome.succeeded
    assert "lost quorum" in outcome.warnings[-1]
