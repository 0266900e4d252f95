"""The galera agent on three nodes of a scripted cluster, from power-on to serving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.agents.galera import agent as module
from pacemaker_os.agents.galera.agent import Galera
from pacemaker_os.agents.galera.decide import Report
from pacemaker_os.agents.galera.position import PARTIAL, UNDEFINED_UUID
from pacemaker_os.agents.galera.server import first_error
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import TimedOut
from pacemaker_os.ocf.testing import ActionResult, World

A, B = "aaaaaaaa-0000-11ee-8000-000000000000", "bbbbbbbb-0000-11ee-8000-000000000000"
NODES = ["node1", "node2", "node3"]


@dataclass
class Node:
    """The disk and the server of a node."""

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
    record: str = ""
    bootstrapped: Report | None = None

    def tree(self) -> list[Any]:
        return []

    orphans = tree

    def find(self) -> Node | None:
        return self if self.runs else None

    def stop(self, deadline: object = None, *, grace: float | None = None) -> str:
        self.grace = grace
        how = "ended" if self.runs else "gone"
        self.runs = self.synced = False
        return how

    def allow_bootstrap(self, report: Report) -> None:
        self.bootstrapped = report

    def prepare_join(self, report: Report) -> None:
        self.record = "joining"

    def record_synced(self, uuid: str) -> None:
        self.record = f"synced {uuid}"

    def launch(
        self, daemon: object, report: Report, address: str, more: Sequence[str], *, niceness: int = 0
    ) -> None:
        self.niceness = niceness
        self.runs, self.address, self.launches = True, address, self.launches + 1
        self.synced = not self.transfer and not self.lonely


class Site:
    """Three nodes, and Pacemaker's calls of their agents."""

    def __init__(self, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.scratch = World(NODES), scratch
        self.nodes = {name: Node() for name in NODES}
        for name in NODES:
            (scratch / name).mkdir()
        monkeypatch.setattr(
            module, "progress_of_copy", lambda data: (self.nodes[data.rpartition("/")[2]].moved, 0.0)
        )
        monkeypatch.setattr(module, "has_state_transfer", lambda process: process.transfer)

    def do(self, name: str, action: str, event: str = "", **parameters: str) -> ActionResult:
        meta = {"interval": "5000"} if action == "monitor" else {}
        if action == "probe":
            action, meta = "monitor", {"interval": "0"}
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
                "datadir": str(self.scratch / name),
                "degraded_after": "0",
                **parameters,
            },
            environ={"HA_RSCTMP": str(self.scratch / name)},
        )
        node: Any = self.nodes[name]
        agent.daemon = lambda: node  # type: ignore[attr-defined]
        agent.installation = lambda: Installation(node)  # type: ignore[attr-defined]
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
        """Start and promote all nodes."""
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
    """The disk of a node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.allow_bootstrap, self.launch = node.allow_bootstrap, node.launch
        self.prepare_join, self.record_synced = node.prepare_join, node.record_synced

    def report(self, *_: object) -> Report:
        return self.node.report


class Session:
    """The session with a server."""

    def __init__(self, site: Site, node: Node) -> None:
        if node.hangs:
            raise TimedOut("did not respond in time")
        size = sum(other.synced for other in site.nodes.values())
        self.variables = {
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
        return self.variables


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_start_elected_node_bootstraps_and_others_join(site: Site) -> None:
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


def test_promote_starts_server_with_configured_niceness(site: Site) -> None:
    site.nodes["node2"].report = Report(A, 12, False, 1)
    site.all("start")
    site.all("notify", "post-start")
    assert site.do("node2", "promote", niceness="-10").code == 0
    assert site.nodes["node2"].niceness == -10


def test_promote_node_that_is_not_elected_fails(site: Site) -> None:
    site.all("start")
    answer = site.do("node3", "promote")
    assert answer.code == codes.GENERIC
    assert "this node is not elected to bootstrap the cluster" in answer.reason
    assert not any(node.runs for node in site.nodes.values())


def test_start_waits_for_position_of_missing_node(site: Site) -> None:
    for name in ("node1", "node2"):
        site.do(name, "start")
    answer = site.do("node1", "monitor")
    assert (answer.code, answer.reason) == (codes.DEGRADED, "waiting for the position of node3")
    assert not site.scores


def test_election_missing_node_timeout_ends_the_wait(site: Site) -> None:
    for name in ("node1", "node2"):
        site.do(name, "start")
    site.world.now += 301
    site.do("node1", "monitor", missing_node_timeout="5min")
    assert list(site.scores) == ["node1"]


def test_election_bootstrap_from_applies_once(site: Site) -> None:
    site.do("node2", "start")
    site.world.attributes["galera-bootstrap-from"] = {"node3": "node2"}
    assert (
        "node2 is elected to bootstrap the cluster: an operator selected it (galera-bootstrap-from)"
        in site.do("node2", "monitor").reason
    )
    assert site.do("node2", "promote").code == 0
    assert site.world.attributes["galera-bootstrap-from"] == {}


def test_promote_joining_node_publishes_no_position(site: Site) -> None:
    site.nodes["node2"].transfer = True
    site.all("start")
    site.do("node1", "promote")
    site.do("node2", "monitor")
    assert "node2" not in site.positions


def test_monitor_long_state_transfer_is_degraded(site: Site) -> None:
    site.nodes["node2"].transfer = True
    site.all("start")
    site.do("node1", "promote")
    for hour in range(12):
        site.world.now += 300
        site.nodes["node2"].moved = hour << 20
        answer = site.do("node2", "monitor")
        assert answer.code == codes.DEGRADED
    assert answer.reason == "joining the cluster: state transfer in progress, 11 MiB in the data directory"
    assert "node2" not in site.scores


def test_monitor_stalled_state_transfer_is_restarted(site: Site) -> None:
    node = site.nodes["node2"]
    node.transfer = True
    site.all("start")
    site.do("node1", "promote")
    for _ in range(5):
        site.world.now += 400
        site.do("node2", "monitor")
    assert node.launches == 2


def test_monitor_joining_node_without_cluster_returns_to_election(site: Site) -> None:
    site.serve()
    for node in site.nodes.values():
        node.stop()
    early = [site.nodes[name] for name in ("node1", "node2")]
    for node in early:
        node.lonely = True
    for name in NODES:  # in this order: the failure of the later nodes has not been noticed yet
        for action in ("demote", "stop", "start"):
            assert site.do(name, action).code == 0
    assert [node.address for node in early] == ["gcomm://node1,node2,node3"] * 2
    for _ in range(5):
        answers = [site.do(name, "monitor") for name in NODES]
    assert not any(node.runs for node in early)
    assert answers[0].reason == (
        "node1 is elected to bootstrap the cluster: it is the most advanced node (seqno 10)"
    )
    for node in early:
        node.lonely = False
    assert site.do("node1", "promote").code == 0
    site.all("notify", "post-promote")
    site.all("monitor")
    assert [site.do(name, "promote").code for name in ("node2", "node3")] == [0, 0]


def test_monitor_repeated_join_failure_is_a_failure(site: Site) -> None:
    site.all("start")
    site.do("node1", "promote")
    seen = []
    for _ in range(5):
        seen.append(site.do("node2", "monitor").code)
        site.nodes["node2"].stop()
    assert seen == [190, 190, 190, 190, 1]


def test_refused_election_names_the_node_attribute_of_this_resource(site: Site) -> None:
    site.nodes["node1"].report, site.nodes["node2"].report = Report(A, 9, False, 2), Report(B, 9, False, 2)
    site.all("start")
    answer = site.do("node1", "promote")
    assert answer.code == codes.GENERIC
    assert "run: attrd_updater -n galera-bootstrap-from -U NODE" in answer.reason


@pytest.mark.parametrize("own", [Report(B, 99, False, 2), Report(UNDEFINED_UUID, -1, False, 2)])
def test_join_with_other_cluster_uuid_is_refused(site: Site, own: Report) -> None:
    site.all("start")
    site.do("node1", "promote")
    site.do("node3", "stop")
    site.nodes["node3"].report = own
    answer = site.do("node3", "start")
    assert answer.code == codes.GENERIC
    assert "run: attrd_updater -n galera-overwrite -U yes -N node3" in answer.reason
    assert not site.nodes["node3"].runs
    assert site.do("node3", "monitor").code == codes.NOT_RUNNING
    site.world.attributes["galera-overwrite"] = {"node3": "yes"}
    assert site.do("node3", "start").code == 0
    assert site.nodes["node3"].runs


def test_monitor_dead_server_is_failed_promoted(site: Site) -> None:
    site.serve()
    site.nodes["node2"].stop()
    assert site.do("node2", "monitor").code == codes.FAILED_PROMOTED
    assert site.do("node2", "demote").code == 0
    assert site.positions == {"node2"}
    assert "node2" not in site.world.attributes["galera-serving"]
    assert site.do("node2", "stop").code == 0
    assert site.do("node2", "monitor").code == codes.NOT_RUNNING


def test_stop_hung_server_is_killed(site: Site) -> None:
    site.serve()
    node = site.nodes["node2"]
    node.hangs = True
    assert [site.do("node2", "monitor").code for _ in range(3)] == [191, 191, 1]
    assert site.do("node2", "demote").code == 0
    assert node.grace == module.HUNG_TIMEOUT
    site.do("node1", "stop")
    assert site.nodes["node1"].grace is None


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        ({"wsrep_cluster_status": "non-Primary"}, 9, "not in the primary component"),
        ({"wsrep_cluster_state_uuid": B}, 9, "promoted in the cluster"),
        ({"wsrep_local_state": "2"}, 191, "donor of a state transfer"),
        ({"wsrep_ready": "OFF", "wsrep_local_state_comment": "Joined"}, 191, "not synced: Joined"),
        ({"wsrep_cluster_size": "2"}, 191, "2 of 3 nodes are in the cluster"),
        ({"read_only": "1"}, 191, "the server is read-only"),
    ],
)
def test_monitor_of_promoted_node(site: Site, status: dict[str, str], code: int, reason: str) -> None:
    site.serve()
    site.nodes["node2"].status = status
    answer = site.do("node2", "monitor")
    assert answer.code == code
    assert answer.reason.startswith(reason)


def test_monitor_short_degradation_is_not_reported(site: Site) -> None:
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


def test_full_power_loss_recovers_without_operator(site: Site) -> None:
    site.serve()
    site.lose_power()
    site.nodes["node3"].report = Report(A, 291, False, 1)
    site.serve()
    assert site.all("monitor") == [8, 8, 8]
    assert site.nodes["node3"].address == "gcomm://"


@pytest.mark.parametrize("probe", [True, False])
def test_monitor_publishes_lost_attributes_again(site: Site, probe: bool) -> None:
    site.serve()
    del site.world.attributes["galera-serving"]["node2"], site.world.attributes["master-galera"]["node2"]
    assert site.do("node2", "probe" if probe else "monitor").code == codes.RUNNING_PROMOTED
    assert site.world.attributes["galera-serving"] == dict.fromkeys(NODES, A)
    assert site.scores == dict.fromkeys(NODES, "100")


def test_probe_publishes_lost_position_again(site: Site) -> None:
    site.do("node1", "start")
    site.world.attributes.clear()
    site.do("node1", "probe")
    assert site.positions == {"node1"}


def test_demote_keeps_synced_server_as_member(site: Site) -> None:
    site.serve()
    assert site.do("node2", "demote").code == 0
    assert site.nodes["node2"].runs
    assert "node2" not in site.world.attributes["galera-serving"]
    assert site.do("node2", "monitor").code == codes.RUNNING
    assert site.do("node2", "promote").code == 0
    assert site.nodes["node2"].launches == 1
    assert site.do("node2", "demote").code == 0
    assert site.do("node2", "stop").code == 0
    assert not site.nodes["node2"].runs


def test_demote_all_synced_servers_keeps_cluster(site: Site) -> None:
    site.serve()
    assert site.all("demote") == [0, 0, 0]
    for _ in range(module.ALONE_LIMIT + 2):
        assert site.all("monitor") == [0, 0, 0]
    assert site.all("promote") == [0, 0, 0]
    assert [node.launches for node in site.nodes.values()] == [1, 1, 1]


def test_join_and_sync_are_recorded_with_the_data(site: Site) -> None:
    site.nodes["node2"].transfer = True
    site.all("start")
    site.do("node1", "promote")
    site.do("node2", "monitor")
    assert [site.nodes[name].record for name in ("node1", "node2")] == [f"synced {A}", "joining"]
    site.nodes["node2"].synced = True
    site.do("node2", "monitor")
    assert site.nodes["node2"].record == f"synced {A}"


def test_interrupted_state_transfer_rejoins_without_operator(site: Site) -> None:
    site.serve()
    site.lose_power()
    site.nodes["node1"].report = Report(UNDEFINED_UUID, -1, False, 0, PARTIAL)
    site.serve()
    assert site.nodes["node1"].address == "gcomm://node1,node2,node3"
    assert site.nodes["node2"].bootstrapped == Report(A, 10, False, 1)


def test_monitor_server_started_by_others_is_adopted(site: Site) -> None:
    site.nodes["node1"].launch(None, Report(A, 1, False, 1), "gcomm://", ())
    assert site.do("node1", "monitor").code == codes.DEGRADED_PROMOTED
    assert site.do("node1", "promote").code == 0


def test_validate_unlisted_node_is_named(site: Site) -> None:
    answer = site.do("node2", "start", wsrep_cluster_address="gcomm://node1,node22")
    assert answer.code == codes.CONFIGURED
    assert "node node2 is not in wsrep_cluster_address (node1, node22)" in answer.reason


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("[ERROR] old\n[Note] ready for connections\n", "no error in its log; mariadbd was probably killed"),
        ("[Note] ready for connections\n0 [ERROR] WSREP: disk\n1 [ERROR] Aborting\n", "WSREP: disk"),
        ("2026 0 [ERROR] Unknown option\n", "Unknown option"),
    ],
)
def test_first_error_is_of_the_last_run(log: str, expected: str) -> None:
    assert first_error(log) == expected
