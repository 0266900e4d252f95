"""The redis agent on three nodes of a scripted cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.agents.redis import agent as module
from pacemaker_os.agents.redis.agent import NO_MASTER, Redis
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import TimedOut
from pacemaker_os.ocf.network.stream import Refused
from pacemaker_os.ocf.process import Process
from pacemaker_os.ocf.testing import ActionResult, World

NODES = ["node1", "node2", "node3"]


@dataclass
class Instance:
    """A Redis: its data and its master."""

    site: Site
    node: str
    pid: int = 0
    master: tuple[str, str] | None = NO_MASTER
    offset: int = 0
    keys: int = 0
    hangs: bool = False
    starts: int = 0
    cut: bool = False
    replid: str = "r"
    fields: dict[str, str] = field(default_factory=dict)
    commands: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def process(self) -> Process | None:
        return Process(self.pid, self.starts) if self.pid else None

    @property
    def linked(self) -> bool:
        if self.cut:
            return False
        above = self.site.instances.get(self.master[0]) if self.master else None
        return above is not None and above.pid != 0 and above.master is None

    def __enter__(self) -> Instance:
        return self

    def __exit__(self, *_: object) -> None: ...

    def info(self, section: str = "") -> dict[str, str]:
        offset = str(self.offset)
        found = {"loading": "0", "db0": f"keys={self.keys},expires=0", "master_replid": self.replid}
        found |= self.fields
        if self.master is None:
            return found | {"role": "master", "master_repl_offset": offset}
        link = "up" if self.linked else "down"
        host, port = self.master
        return found | {
            "role": "slave",
            "slave_repl_offset": offset,
            "master_link_status": link,
            "master_host": host,
            "master_port": port,
            "uptime_in_seconds": "1",
        }

    def command(self, *words: str) -> str:
        self.commands.append(words)
        if words[0] == "REPLICAOF":
            self.master = None if words[1:] == ("NO", "ONE") else (words[1], words[2])
            if not self.master:
                self.replid = f"{self.node}-{self.starts}-{len(self.site.world.commands)}"
            self.site.replicate()
        return "OK"


class Site:
    """Three nodes, and Pacemaker's calls of their agents."""

    def __init__(self, scratch: Path) -> None:
        self.world, self.scratch = World(NODES), scratch
        self.instances = {name: Instance(self, name) for name in NODES}
        for name in NODES:
            (scratch / name).mkdir()
            (scratch / f"{name}.conf").write_text(f"dir {scratch / name}\nappendonly yes\n")

    def replicate(self) -> None:
        for instance in self.instances.values():
            if instance.master and instance.linked:
                above = self.instances[instance.master[0]]
                instance.offset, instance.keys = above.offset, above.keys
                instance.replid = above.replid

    def do(self, name: str, action: str, event: str = "", **parameters: str) -> ActionResult:
        meta = {"interval": "10000"} if action == "monitor" else {}
        if action == "probe":
            action, meta = "monitor", {"interval": "0"}
        if event:
            meta["notify_type"], meta["notify_operation"] = event.split("-")
        agent: Any = self.world.agent(
            Redis,
            action,
            node=name,
            instance="redis",
            meta=meta,
            parameters={
                "binary": "sh",
                "user": "root",
                "config": str(self.scratch / f"{name}.conf"),
                "degraded_after": "0",
                **parameters,
            },
            environ={"HA_RSCTMP": str(self.scratch / f"{name}.run")},
        )
        own = self.instances[name]

        def connect(place: str, *_: object) -> Instance:
            instance = self.instances[place]
            if not instance.pid:
                raise Refused(f"nothing listens on {place}")
            if instance.hangs:
                raise TimedOut(f"{place} did not respond in time")
            return instance

        agent.connect = lambda *_: connect(name)
        agent.connect_peer = connect
        agent.daemon = lambda: Daemon(own)
        return self.world.run(agent)

    def all(self, action: str, event: str = "") -> list[int]:
        return [self.do(name, action, event).code for name in NODES]

    def serve(self) -> str:
        """Start and promote all nodes; return the promoted one."""
        self.all("start")
        self.all("notify", "post-start")
        best = self.best
        assert self.do(best, "promote").code == 0
        self.all("notify", "post-promote")
        self.all("monitor")
        return best

    @property
    def best(self) -> str:
        scores = self.world.attributes["master-redis"]
        return max(scores, key=lambda node: int(scores[node]))

    def lose(self, *names: str) -> None:
        for name in names:
            self.instances[name].pid = 0
            for file in (self.scratch / f"{name}.run").iterdir():
                file.unlink()
            for values in self.world.attributes.values():
                values.pop(name, None)


class Daemon:
    """The process of an instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def find(self) -> Process | None:
        return self.instance.process

    def launch(self, argv: list[str], **_: object) -> None:
        assert argv[-3:] == ["--replicaof", *NO_MASTER]
        self.instance.starts += 1
        self.instance.pid, self.instance.master, self.instance.offset = 4711, NO_MASTER, 0

    def stop(self, *_: object, **__: object) -> str:
        how = "ended" if self.instance.pid else "gone"
        self.instance.pid = 0
        return how


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    # In this test, replicas sync immediately, and the agent's second connection is to one of them.
    found = Site(tmp_path)
    monkeypatch.setattr(module, "Server", lambda host, *_: found.instances[host])
    return found


def test_start_every_node_is_a_replica(site: Site) -> None:
    assert site.all("monitor") == [7, 7, 7]
    assert site.all("start") == [0, 0, 0]
    assert {instance.master for instance in site.instances.values()} == {NO_MASTER}


def test_promote_other_nodes_follow(site: Site) -> None:
    best = site.serve()
    assert site.all("monitor") == [8, 0, 0]
    assert best == "node1"
    assert {site.instances[name].master for name in NODES[1:]} == {("node1", "6379")}


def test_promote_fetches_missing_data_first(site: Site) -> None:
    site.serve()
    site.instances["node2"].offset, site.instances["node2"].keys = 900, 9
    site.instances["node3"].offset, site.instances["node3"].keys = 800, 8
    site.lose("node1")
    assert site.do("node3", "promote").code == 0
    assert (site.instances["node3"].offset, site.instances["node3"].keys) == (900, 9)
    assert site.instances["node3"].master is None
    assert site.instances["node2"].master == ("node3", "6379")


def test_empty_former_master_is_not_promoted(site: Site) -> None:
    site.serve()
    for name in NODES:
        site.instances[name].keys, site.instances[name].offset = 5, 50
    site.all("monitor")
    site.lose("node1")
    site.instances["node1"].keys = 0
    site.do("node1", "start")
    site.all("notify", "post-start")
    assert site.best == "node2"


def test_promote_second_master_is_refused(site: Site) -> None:
    site.serve()
    answer = site.do("node2", "promote")
    assert (answer.code, answer.reason) == (
        1,
        "cannot promote: node1 is already a master, and two masters would diverge",
    )
    assert site.instances["node2"].master is not None


def test_outage_last_promoted_node_is_waited_for(site: Site) -> None:
    site.serve()
    for name in NODES:
        site.instances[name].keys = 5
    site.lose(*NODES)
    for name in ("node2", "node3"):
        site.do(name, "start")
        site.do(name, "notify", "post-start")
    assert site.world.attributes["master-redis"] == {}
    site.do("node2", "monitor", wait_for_promoted="0")
    assert site.best == "node2"
    site.do("node1", "start")
    site.all("notify", "post-start")
    assert site.best == "node1"


def test_monitor_hung_server_fails_after_tolerated_timeouts(site: Site) -> None:
    site.serve()
    site.instances["node1"].hangs = True
    assert [site.do("node1", "monitor").code for _ in range(2)] == [191, 1]
    site.instances["node2"].hangs = True
    assert [site.do("node2", "monitor", tolerated_timeouts="2").code for _ in range(3)] == [190, 190, 1]


def test_demote_and_stop_withdraw_score_and_report(site: Site) -> None:
    site.serve()
    assert site.do("node1", "demote").code == 0
    assert "node1" not in site.world.attributes["master-redis"]
    assert site.do("node1", "stop").code == 0
    assert site.do("node1", "demote").code == codes.NOT_RUNNING
    assert "node1" not in site.world.attributes["redis-report-redis"]


def test_monitor_short_link_loss_is_not_reported(site: Site) -> None:
    best = site.serve()
    replica = next(name for name in NODES if name != best)
    site.instances[replica].cut = True
    seen = []
    for _ in range(3):
        seen.append(site.do(replica, "monitor", degraded_after="20s").code)
        site.world.now += 11
    assert seen == [0, 0, 190]


def test_replica_alone_after_sync_gets_a_score(site: Site) -> None:
    site.all("start")
    assert site.do("node1", "promote").code == 0
    site.all("notify", "post-promote")
    site.lose("node1")
    site.all("notify", "post-stop")
    assert site.best in ("node2", "node3")


def test_replica_whose_peer_failed_with_the_master_waits_for_the_master(site: Site) -> None:
    site.serve()
    site.all("monitor")
    for name, offset in zip(NODES, (900, 900, 100), strict=True):
        site.instances[name].keys, site.instances[name].offset = 5, offset
    site.lose("node1", "node2")
    answer = site.do("node3", "promote")
    assert answer.reason == (
        "cannot promote: node2 may have acknowledged writes that this node does not have; waiting for node1, "
        "which was promoted last"
    )
    assert site.world.attributes["master-redis"] == {}
    site.do("node2", "start")
    site.do("node3", "monitor")
    assert site.world.attributes["master-redis"] == {}
    site.do("node1", "start")
    site.all("notify", "post-start")
    assert site.best == "node1"


def test_replica_whose_peer_was_stopped_before_takes_over(site: Site) -> None:
    site.serve()
    site.do("node2", "stop")
    site.all("monitor")
    site.lose("node1")
    assert site.do("node3", "promote").code == 0


def test_wait_for_the_master_ends_after_its_timeout(site: Site) -> None:
    site.serve()
    site.all("monitor")
    site.lose("node1", "node2")
    site.do("node3", "monitor")
    site.world.now += 61
    site.do("node3", "monitor")
    assert site.best == "node3"
    assert site.do("node3", "promote").code == 0


@pytest.mark.parametrize("probe", [True, False])
def test_promoted_node_publishes_lost_attributes_again(site: Site, probe: bool) -> None:
    best = site.serve()
    for values in site.world.attributes.values():
        values.pop(best, None)
    assert site.do(best, "probe" if probe else "monitor").code == codes.RUNNING_PROMOTED
    assert site.best == best
    assert best in site.world.attributes["redis-report-redis"]


def test_master_that_rejects_writes_fails_if_another_node_can_take_over(site: Site) -> None:
    best = site.serve()
    site.instances[best].fields = {"aof_enabled": "1", "aof_last_write_status": "err"}
    answer = site.do(best, "monitor")
    assert (answer.code, answer.reason) == (
        codes.FAILED_PROMOTED,
        "rejects writes: the last write to the append-only file failed; check the disk",
    )
    for name in NODES:
        if name != best:
            del site.world.attributes["master-redis"][name]
    assert site.do(best, "monitor").code == codes.DEGRADED_PROMOTED


@pytest.mark.parametrize(
    "fields",
    [
        {"aof_enabled": "1", "aof_last_write_status": "err"},
        {"rdb_last_bgsave_status": "err"},
        {"slave_priority": "0"},
    ],
)
def test_replica_that_must_not_be_promoted_has_no_score(site: Site, fields: dict[str, str]) -> None:
    best = site.serve()
    replica = next(name for name in NODES if name != best)
    site.instances[replica].fields = fields
    site.do(replica, "monitor")
    assert replica not in site.world.attributes["master-redis"]


def test_minimum_of_the_configuration_file_is_kept(site: Site) -> None:
    site.serve()
    assert not [words for words in site.instances["node1"].commands if words[0] == "CONFIG"]
    assert site.do("node1", "reload-agent", min_replicas_to_write="1").code == 0
    assert ("CONFIG", "SET", "min-replicas-to-write", "1") in site.instances["node1"].commands


def test_disabled_command_is_refused_before_anything_is_done(site: Site) -> None:
    with (site.scratch / "node1.conf").open("a") as file:
        file.write('rename-command CONFIG ""\n')
    assert site.do("node1", "start").code == 0
    answer = site.do("node1", "promote", min_replicas_to_write="1")
    assert answer.code == codes.CONFIGURED
    assert "disables CONFIG (rename-command), which the agent needs" in answer.reason
    assert site.instances["node1"].master is not None


def test_replica_without_complete_sync_gets_no_score(site: Site) -> None:
    site.serve()
    site.lose(*NODES)
    site.all("start")
    for name in NODES:
        site.instances[name].cut = True
    assert site.do("node1", "promote").code == 0
    site.all("notify", "post-promote")
    site.lose("node1")
    site.all("notify", "post-stop")
    assert site.world.attributes["master-redis"] == {}
