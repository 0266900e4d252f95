"""The galera agent's way from power-on to serving, on three nodes of a scripted world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.agents.galera import agent as module
from pacemaker_os.agents.galera.agent import Galera
from pacemaker_os.agents.galera.decide import Report
from pacemaker_os.agents.galera.position import NO_HISTORY
from pacemaker_os.agents.galera.server import last_error
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import TimedOut
from pacemaker_os.ocf.testing import Answer, World

A, B = "aaaaaaaa-0000-11ee-8000-000000000000", "bbbbbbbb-0000-11ee-8000-000000000000"
NODES = ["node1", "node2", "node3"]


@dataclass
class Node:
    """A node's disk and its server."""

    report: Report = field(default_factory=lambda: Report(A, 10, False, 1))
    runs: bool = False
    synced: bool = False
    address: str = ""
    moved: int = 0
    launches: int = 0
    niceness: int = 0
    transfer: bool = False
    lonely: bool = False
    hangs: bool = False
    grace: float | None = None
    status: dict[str, str] = field(default_factory=dict)

    def tree(self) -> list[Any]:
        return []

    def find(self) -> Node | None:
        return self if self.runs else None

    def stop(self, deadline: object = None, *, grace: float | None = None) -> str:
        self.grace = grace
        how = "ended" if self.runs else "gone"
        self.runs = self.synced = False
        return how

    def allow_bootstrap(self) -> None: ...

    def launch(
        self, daemon: object, report: Report, address: str, more: Sequence[str], *, niceness: int = 0
    ) -> None:
        self.niceness = niceness
        self.runs, self.address, self.launches = True, address, self.launches + 1
        self.synced = not self.transfer and not self.lonely


class Site:
    """Three nodes, and Pacemaker's calls to their agents."""

    def __init__(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.scratch = World(NODES), scratch
        self.nodes = {name: Node() for name in NODES}
        monkeypatch.setattr(module, "written", lambda process: process.moved)
        monkeypatch.setattr(module, "transferring", lambda process: process.transfer)

    def do(self, name: str, action: str, event: str = "", **parameters: str) -> Answer:
        meta = {"interval": "5000"} if action == "monitor" else {}
        if event:
            meta["notify_type"], meta["notify_operation"] = event.split("-")
        agent = self.world.agent(
            Galera,
            action,
            node=name,
            instance="galera",
            meta=meta,
            parameters={
                "wsrep_cluster_address": "gcomm://node1,node2,node3",
                "binary": "sh",
                "user": "root",
                "config": "/etc/passwd",
                "datadir": "/",
                "degraded_after": "0",
                **parameters,
            },
            environ={"HA_RSCTMP": str(self.scratch / name)},
        )
        node: Any = self.nodes[name]
        agent.daemon = lambda: node  # type: ignore[attr-defined]
        agent.installation = lambda: Installation(node)  # type: ignore[attr-defined]
        agent.in_sync = lambda: node.synced  # type: ignore[attr-defined]
        agent.session = lambda *_: Session(self, node)  # type: ignore[attr-defined]
        return self.world.run(agent)

    def all(self, action: str, event: str = "", **parameters: str) -> list[int]:
        return [self.do(name, action, event, **parameters).code for name in NODES]

    @property
    def scores(self) -> dict[str, str]:
        return self.world.attributes.get("master-galera", {})

    @property
    def positions(self) -> set[str]:
        return set(self.world.attributes.get("galera-position", {}))

    def serve(self) -> None:
        """Bring all nodes up."""
        self.all("start")
        self.all("notify", "post-start")
        assert self.do(next(iter(self.scores)), "promote").code == 0
        self.all("notify", "post-promote")
        self.all("monitor")
        for name in NODES:
            assert self.do(name, "promote").code == 0

    def lose_power(self) -> None:
        for name, node in self.nodes.items():
            node.stop()
            for file in (self.scratch / name).iterdir():
                file.unlink()
        self.world.attributes.clear()


class Installation:
    """The node's disk as the agent asks for it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.allow_bootstrap, self.launch = node.allow_bootstrap, node.launch

    def report(self, *_: object) -> Report:
        return self.node.report


class Session:
    """What the server says of itself."""

    def __init__(self, site: Site, node: Node) -> None:
        if node.hangs:
            raise TimedOut("no answer in time")
        size = sum(other.synced for other in site.nodes.values())
        self.said = {
            "wsrep_cluster_status": "Primary",
            "wsrep_cluster_state_uuid": A,
            "wsrep_cluster_size": str(size),
            "wsrep_ready": "ON" if node.synced else "OFF",
            "wsrep_local_state": "4" if node.synced else "1",
            "wsrep_local_state_comment": "Synced" if node.synced else "Joining",
            "read_only": "0",
        } | node.status

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None: ...

    def status(self) -> dict[str, str]:
        return self.said


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_one_node_begins_and_the_others_join(site: Site) -> None:
    site.nodes["node2"].report = Report(A, 12, False, 1)
    assert site.all("monitor") == [7, 7, 7]
    assert site.all("start") == [0, 0, 0]
    site.all("notify", "post-start")
    assert list(site.scores) == ["node2"]
    assert site.do("node2", "promote").code == 0
    assert site.nodes["node2"].address == "gcomm://"
    site.all("notify", "post-promote")
    assert {site.nodes[name].address for name in ("node1", "node3")} == {"gcomm://node1,node2,node3"}
    site.all("monitor")
    assert sorted(site.scores) == NODES
    assert [site.do(name, "promote").code for name in ("node1", "node3")] == [0, 0]
    assert site.all("monitor") == [8, 8, 8]
    assert site.positions == set()


def test_a_server_is_started_with_the_niceness_that_it_shall_have(site: Site) -> None:
    site.nodes["node2"].report = Report(A, 12, False, 1)
    site.all("start")
    site.all("notify", "post-start")
    assert site.do("node2", "promote", niceness="-10").code == 0
    assert site.nodes["node2"].niceness == -10


def test_a_node_that_is_not_elected_begins_nothing(site: Site) -> None:
    site.all("start")
    answer = site.do("node3", "promote")
    assert answer.code == codes.GENERIC
    assert "this node is not to begin the cluster" in answer.reason
    assert not any(node.runs for node in site.nodes.values())


def test_nobody_begins_while_one_is_missing(site: Site) -> None:
    for name in ("node1", "node2"):
        site.do(name, "start")
    answer = site.do("node1", "monitor")
    assert (answer.code, answer.reason) == (codes.DEGRADED, "waiting for the position of node3")
    assert not site.scores


def test_the_stated_time_ends_the_waiting(site: Site) -> None:
    for name in ("node1", "node2"):
        site.do(name, "start")
    site.world.now += 301
    site.do("node1", "monitor", missing_node_timeout="5min")
    assert list(site.scores) == ["node1"]


def test_the_operator_ends_the_waiting_once(site: Site) -> None:
    site.do("node2", "start")
    site.world.attributes["galera-bootstrap-from"] = {"node3": "node2"}
    assert "node2 begins the cluster: the operator chose it" in site.do("node2", "monitor").reason
    assert site.do("node2", "promote").code == 0
    assert site.world.attributes["galera-bootstrap-from"] == {}


def test_a_node_that_joins_stands_for_no_election(site: Site) -> None:
    site.nodes["node2"].transfer = True
    site.all("start")
    site.do("node1", "promote")
    site.do("node2", "monitor")
    assert "node2" not in site.positions


def test_a_long_state_transfer_is_no_failure(site: Site) -> None:
    site.nodes["node2"].transfer = True
    site.all("start")
    site.do("node1", "promote")
    for hour in range(12):
        site.world.now += 300
        site.nodes["node2"].moved = hour << 20
        answer = site.do("node2", "monitor")
        assert answer.code == codes.DEGRADED
    assert answer.reason == "it joins: a state transfer runs, 11 MiB moved"
    assert "node2" not in site.scores


def test_a_state_transfer_that_stands_still_is_begun_anew(site: Site) -> None:
    node = site.nodes["node2"]
    node.transfer = True
    site.all("start")
    site.do("node1", "promote")
    for _ in range(5):
        site.world.now += 400
        site.do("node2", "monitor")
    assert node.launches == 2


def test_a_node_that_joins_a_cluster_which_died_goes_back_to_the_election(site: Site) -> None:
    site.serve()
    for node in site.nodes.values():
        node.stop()
    early = [site.nodes[name] for name in ("node1", "node2")]
    for node in early:
        node.lonely = True
    for name in NODES:  # one after the other: the death of the later ones has not been noticed yet
        for action in ("demote", "stop", "start"):
            assert site.do(name, action).code == 0
    assert [node.address for node in early] == ["gcomm://node1,node2,node3"] * 2
    for _ in range(5):
        answers = [site.do(name, "monitor") for name in NODES]
    assert not any(node.runs for node in early)
    assert answers[0].reason == "node1 begins the cluster: it has the most transactions (10)"
    for node in early:
        node.lonely = False
    assert site.do("node1", "promote").code == 0
    site.all("notify", "post-promote")
    site.all("monitor")
    assert [site.do(name, "promote").code for name in ("node2", "node3")] == [0, 0]


def test_joining_that_fails_again_and_again_is_a_failure(site: Site) -> None:
    site.all("start")
    site.do("node1", "promote")
    seen = []
    for _ in range(5):
        seen.append(site.do("node2", "monitor").code)
        site.nodes["node2"].stop()
    assert seen == [190, 190, 190, 190, 1]


@pytest.mark.parametrize("own", [Report(B, 99, False, 2), Report(NO_HISTORY, -1, False, 2)])
def test_data_of_another_history_are_not_overwritten(site: Site, own: Report) -> None:
    site.all("start")
    site.do("node1", "promote")
    site.do("node3", "stop")
    site.nodes["node3"].report = own
    answer = site.do("node3", "start")
    assert answer.code == codes.GENERIC
    assert "galera-overwrite=yes" in answer.reason
    assert not site.nodes["node3"].runs
    assert site.do("node3", "monitor").code == codes.NOT_RUNNING
    site.world.attributes["galera-overwrite"] = {"node3": "yes"}
    assert site.do("node3", "start").code == 0
    assert site.nodes["node3"].runs


def test_a_dead_server_is_a_failed_promoted_one(site: Site) -> None:
    site.serve()
    site.nodes["node2"].stop()
    assert site.do("node2", "monitor").code == codes.FAILED_PROMOTED
    assert site.do("node2", "demote").code == 0
    assert site.positions == {"node2"}
    assert "node2" not in site.world.attributes["galera-serving"]
    assert site.do("node2", "stop").code == 0
    assert site.do("node2", "monitor").code == codes.NOT_RUNNING


def test_a_server_that_hangs_is_not_waited_for(site: Site) -> None:
    site.serve()
    node = site.nodes["node2"]
    node.hangs = True
    assert [site.do("node2", "monitor").code for _ in range(3)] == [191, 191, 1]
    assert site.do("node2", "demote").code == 0
    assert node.grace == module.HUNG
    site.do("node1", "stop")
    assert site.nodes["node1"].grace is None


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        ({"wsrep_cluster_status": "non-Primary"}, 9, "not in the primary component"),
        ({"wsrep_cluster_state_uuid": B}, 9, "it is in another cluster"),
        ({"wsrep_local_state": "2"}, 191, "it gives its state"),
        ({"wsrep_ready": "OFF", "wsrep_local_state_comment": "Joined"}, 191, "it catches up: Joined"),
        ({"wsrep_cluster_size": "2"}, 191, "2 of 3 nodes are in the cluster"),
        ({"read_only": "1"}, 191, "it is read only"),
    ],
)
def test_a_monitor_of_a_promoted_node(site: Site, status: dict[str, str], code: int, reason: str) -> None:
    site.serve()
    site.nodes["node2"].status = status
    answer = site.do("node2", "monitor")
    assert answer.code == code
    assert answer.reason.startswith(reason)


def test_what_passes_by_itself_is_not_reported(site: Site) -> None:
    site.serve()
    site.nodes["node2"].status = {"wsrep_cluster_size": "2"}
    seen = []
    for _ in range(4):
        seen.append(site.do("node2", "monitor", degraded_after="25s").code)
        site.world.now += 10
    assert seen == [8, 8, 8, 191]
    site.nodes["node2"].status = {}
    assert site.do("node2", "monitor", degraded_after="25s").code == 8
    site.nodes["node2"].status = {"wsrep_cluster_size": "2"}
    assert site.do("node2", "monitor", degraded_after="25s").code == 8


def test_a_full_power_loss_needs_nobody(site: Site) -> None:
    site.serve()
    site.lose_power()
    site.nodes["node3"].report = Report(A, 291, False, 1)
    site.serve()
    assert site.all("monitor") == [8, 8, 8]
    assert site.nodes["node3"].address == "gcomm://"


def test_a_server_that_somebody_else_started_is_adopted(site: Site) -> None:
    site.nodes["node1"].launch(None, Report(A, 1, False, 1), "gcomm://", ())
    assert site.do("node1", "monitor").code == codes.DEGRADED_PROMOTED
    assert site.do("node1", "promote").code == 0


def test_a_stranger_is_told_where_to_write_its_name(site: Site) -> None:
    answer = site.do("node2", "start", wsrep_cluster_address="gcomm://node1,node22")
    assert answer.code == codes.CONFIGURED
    assert "node node2 is not in wsrep_cluster_address (node1, node22)" in answer.reason


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("[ERROR] old\n[Note] ready for connections\n", "its log has no error, so something killed it"),
        ("[Note] ready for connections\n0 [ERROR] WSREP: disk\n1 [ERROR] Aborting\n", "WSREP: disk"),
        ("2026 0 [ERROR] Unknown option\n", "Unknown option"),
    ],
)
def test_the_last_error_is_of_the_last_run(log: str, said: str) -> None:
    assert last_error(log) == said
