"""The rabbitmq agent on three nodes of a scripted world: boot, create, join, wait, forget, restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.agents.rabbitmq.agent import STUCK, RabbitMQ
from pacemaker_os.agents.rabbitmq.broker import Broker as RealBroker
from pacemaker_os.agents.rabbitmq.store import Store
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import TimedOut
from pacemaker_os.ocf.command import Result
from pacemaker_os.ocf.process import Process
from pacemaker_os.ocf.stream import Refused
from pacemaker_os.ocf.testing import Answer, World

NODES = ["n1", "n2", "n3"]

#: What rabbitmqctl says when it cannot speak to the broker.
MUTE = "Error: unable to perform an operation on node.\n\nDIAGNOSTICS\n * Erlang cookie hash: zZ==\n"


@dataclass
class Broker(RealBroker):
    """A node's broker: its disk is real, its process is not."""

    site: Site
    node: str
    runs: bool = False
    hangs: bool = False
    #: How many of its next boots come to nothing.
    stuck: int = 0
    launched: int = 0
    niceness: int = 0
    told: list[tuple[str, ...]] = field(default_factory=list)
    peer: str = ""

    @property
    def name(self) -> str:
        return f"rabbit@{self.node}"

    @property
    def folder(self) -> Path:
        return self.site.scratch / self.node / "mnesia" / self.name

    @property
    def serves(self) -> bool:
        """It has no data or all that ran longer run too."""
        last = Store(str(self.folder.parent), self.name).last()
        if self.stuck:
            return False
        return self.runs and all(self.site.brokers[name.removeprefix("rabbit@")].runs for name in last)

    def find(self) -> Process | None:
        return Process(1, 1) if self.runs else None

    def stop(self, *_: object, **__: object) -> str:
        how = "ended" if self.runs else "gone"
        self.runs = False
        if how == "ended":
            self.stuck = max(0, self.stuck - 1)
        return how

    def greet(self, *_: object) -> None:
        if self.hangs:
            raise TimedOut("no answer in time")
        if not self.serves:
            raise Refused("nothing listens on AMQP port 5672")

    def launch(self, *_: object, niceness: int = 0, peer: str = "", flags: str = "") -> None:
        self.niceness = niceness
        self.runs, self.peer = True, peer
        self.launched += 1
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            (self.folder / "schema.DAT").touch()
            self.site.members.add(self.name)
        text = ",".join(f"'{name}'" for name in sorted(self.site.members))
        (self.folder / "cluster_nodes.config").write_text(f"{{[{text}],[{text}]}}.")

    def ctl(self, *words: str, tool: str = "rabbitmqctl", node: str = "") -> Result:
        self.told.append((tool, *words))
        if words[:2] == ("--silent", "list_feature_flags"):
            return Result(0, "quorum_queue\tenabled\nnew_thing\tdisabled\n")
        if words[:1] == ("forget_cluster_node",) and node:
            return Result(69, "", "not a member")
        if words[:1] == ("eval",):
            return self.site.sees
        return Result(0)

    def must(self, *words: str, tool: str = "rabbitmqctl", node: str = "") -> str:
        said = super().must(*words, tool=tool, node=node)
        if words[:2] == ("forget_cluster_node", "--offline"):
            last = self.folder / "nodes_running_at_shutdown"
            last.write_text(last.read_text().replace(words[2], self.name))
        return said


class Site:
    """Three nodes, and Pacemaker's calls to their agents."""

    def __init__(self, scratch: Path) -> None:
        self.world, self.scratch = World(NODES), scratch
        self.brokers = {name: Broker(self, name) for name in NODES}
        self.members: set[str] = set()
        self.sees = Result(69, "", MUTE)
        for name in NODES:
            (scratch / name / "mnesia").mkdir(parents=True)
            (scratch / name / ".erlang.cookie").touch()

    def do(self, name: str, action: str, level: str = "0", **parameters: str) -> Answer:
        agent: Any = self.world.agent(
            RabbitMQ,
            "monitor" if action == "probe" else action,
            node=name,
            instance="rabbitmq",
            meta={"interval": "10000"} if action == "monitor" else {},
            parameters={
                "user": "root",
                "home": str(self.scratch / name),
                "log_base": str(self.scratch / name),
                "mnesia_base": str(self.scratch / name / "mnesia"),
                **parameters,
            },
            environ={"HA_RSCTMP": str(self.scratch / name / "run"), "OCF_CHECK_LEVEL": level},
        )
        (self.scratch / name / "run").mkdir(exist_ok=True)
        broker = self.brokers[name]
        agent.daemon = lambda: broker
        agent.process = broker.find
        agent.broker = lambda: broker
        return self.world.run(agent)

    def ran(self, node: str, *last: str) -> None:
        """Give a node the data of a broker that stopped when `last` still ran."""
        broker = self.brokers[node]
        broker.launch()
        broker.runs = False
        text = ",".join(f"'rabbit@{name}'" for name in last)
        (broker.folder / "nodes_running_at_shutdown").write_text(f"[{text}].")

    @property
    def reports(self) -> dict[str, str]:
        return self.world.attributes["rabbitmq-report"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def say(site: Site, *nodes: str) -> None:
    """Let nodes have said that they start with nothing."""
    reports = site.world.attributes.setdefault("rabbitmq-report", {})
    reports.update({node: f"starting 0 rabbit@{node} " for node in nodes})


def test_the_first_creates_and_the_others_join(site: Site) -> None:
    say(site, "n2", "n3")
    assert site.do("n1", "start", set_policy='ha ^h \'{"ha-mode": "all"}\'').code == 0
    assert site.brokers["n1"].peer == ""
    assert ("rabbitmqctl", "set_policy", "ha", "^h", '{"ha-mode": "all"}') in site.brokers["n1"].told
    for node in ("n2", "n3"):
        assert site.do(node, "start").code == 0
        assert site.brokers[node].peer == "rabbit@n1"
        assert ("rabbitmq-queues", "grow", f"rabbit@{node}", "all") in site.brokers[node].told
    assert {text.split()[0] for text in site.reports.values()} == {"running"}


def test_a_node_without_data_stands_by_until_one_that_has_serves(site: Site) -> None:
    site.ran("n3", "n3")
    site.world.attributes["rabbitmq-report"] = {"n3": "stopped 1 rabbit@n3 rabbit@n3"}
    assert site.do("n1", "start").code == 0
    assert site.world.now < 10
    for _ in range(2):
        answer = site.do("n1", "monitor")
        assert (answer.code, answer.reason) == (
            codes.DEGRADED,
            "it is no member yet: waiting for n3, which has data",
        )
    assert not site.brokers["n1"].runs
    assert site.do("n3", "start").code == 0
    answer = site.do("n1", "monitor")
    assert (answer.code, answer.reason) == (
        codes.GENERIC,
        "this node stood by, and is restarted to become a member: n3 runs",
    )
    assert site.do("n1", "stop").code == 0
    assert site.do("n1", "monitor").code == codes.NOT_RUNNING
    assert site.do("n1", "start").code == 0
    assert site.brokers["n1"].peer == "rabbit@n3"


def test_a_cluster_begins_also_when_starts_come_one_after_the_other(site: Site) -> None:
    """A busy cluster is given one action at a time: all are probed, then each is started alone."""
    for node in NODES:
        assert site.do(node, "probe").code == codes.NOT_RUNNING
    for node in NODES:
        assert site.do(node, "start").code == 0
    assert site.world.now < 5
    assert [site.brokers[node].peer for node in NODES] == ["", "rabbit@n1", "rabbit@n1"]


def test_the_wrong_node_first_begins_no_second_cluster(site: Site) -> None:
    for node in NODES:
        site.do(node, "probe")
    site.do("n2", "start")
    assert site.do("n2", "monitor").code == codes.DEGRADED
    site.do("n1", "start")
    assert site.do("n2", "monitor").code == codes.GENERIC
    site.do("n2", "stop")
    site.do("n2", "start")
    assert site.brokers["n2"].peer == "rabbit@n1"


def test_a_broker_is_started_with_the_niceness_that_it_shall_have(site: Site) -> None:
    say(site, "n2", "n3")
    for node in NODES[:2]:
        assert site.do(node, "start", niceness="-10").code == 0
        assert site.brokers[node].niceness == -10
    site.ran("n3", "n3")
    assert site.do("n3", "start", niceness="-5").code == 0
    assert site.brokers["n3"].niceness == -5


def test_data_are_booted_and_never_deleted(site: Site) -> None:
    for node in NODES:
        site.ran(node, *NODES)
    before = {path: path.read_bytes() for path in site.scratch.rglob("schema.DAT")}
    site.brokers["n2"].runs = site.brokers["n3"].runs = True
    assert site.do("n1", "start").code == 0
    assert site.brokers["n1"].told == []
    assert {path: path.read_bytes() for path in site.scratch.rglob("schema.DAT")} == before


def test_a_broker_that_does_nothing_is_started_once_more(site: Site) -> None:
    site.ran("n1", "n1")
    broker = site.brokers["n1"]
    broker.stuck, broker.launched = 1, 0
    assert site.do("n1", "start").code == 0
    assert broker.launched == 2
    assert STUCK < site.world.now < STUCK + 5


def test_a_broker_that_is_stuck_again_fails_the_start(site: Site) -> None:
    site.ran("n1", "n1")
    broker = site.brokers["n1"]
    broker.stuck, broker.launched = 9, 0
    answer = site.do("n1", "start")
    assert answer.code == codes.GENERIC
    assert "s for the broker to serve" in answer.reason
    assert broker.launched == 2


def test_a_broker_that_works_is_left_to_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A boot with much to recover takes its time, and a processor's."""
    site.ran("n1", "n1")
    broker = site.brokers["n1"]
    broker.stuck, broker.launched = 1, 0
    monkeypatch.setattr(Process, "cpu_seconds", property(lambda _: site.world.now / 10))
    assert site.do("n1", "start").code == codes.GENERIC
    assert broker.launched == 1


def test_a_start_does_not_wait_for_what_it_holds_up(site: Site) -> None:
    """n3 ran longest, and Pacemaker starts it only when the starts of the others have ended."""
    site.ran("n1", "n1", "n3")
    site.ran("n3", "n3")
    assert site.do("n1", "start").code == 0
    assert site.do("n1", "monitor").code == codes.RUNNING
    site.world.now += 31
    answer = site.do("n1", "monitor")
    assert answer.code == codes.DEGRADED
    assert answer.reason == "it waits for rabbit@n3, which ran longer than this node"
    assert site.do("n3", "start").code == 0
    assert site.do("n1", "monitor").code == codes.RUNNING
    assert site.reports["n1"].startswith("running")


def test_waiting_has_an_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    site.ran("n1", "n1", "n3")
    site.do("n1", "start")
    site.do("n1", "monitor")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 1000)
    answer = site.do("n1", "monitor")
    assert answer.code == codes.GENERIC
    assert "bring it back, or say rabbitmq-forget=NODE" in answer.reason


def test_the_operators_word_forgets_a_lost_member(site: Site) -> None:
    site.ran("n1", "n1", "n3")
    site.do("n1", "start")
    site.world.attributes["rabbitmq-forget"] = {"n1": "n3"}
    site.do("n1", "monitor")
    assert ("rabbitmqctl", "forget_cluster_node", "--offline", "rabbit@n3") in site.brokers["n1"].told
    assert site.brokers["n1"].serves
    assert site.world.attributes["rabbitmq-forget"] == {}


def test_one_node_alone_forgets_a_member(site: Site) -> None:
    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in ("n1", "n2")}
    for node in ("n1", "n2"):
        site.brokers[node].launch()
    site.world.attributes["rabbitmq-forget"] = {"n2": "n3"}
    site.do("n2", "monitor")
    assert site.brokers["n2"].told == []
    site.do("n1", "monitor")
    assert site.brokers["n1"].told == [("rabbitmqctl", "forget_cluster_node", "rabbit@n3")]


def test_a_member_is_forgotten_after_the_stated_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in ("n1", "n2")}
    for node in NODES:
        site.brokers[node].launch()
    site.brokers["n1"].launch()
    begin = time.monotonic()
    for seconds in (0, 3599, 3601):
        monkeypatch.setattr(time, "monotonic", lambda moment=begin + seconds: moment)
        assert site.brokers["n1"].told == []
        site.do("n1", "monitor", forget_after="1h")
    assert site.brokers["n1"].told == [("rabbitmqctl", "forget_cluster_node", "rabbit@n3")]


def test_nobody_forgets_a_member_that_is_here(site: Site) -> None:
    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in NODES}
    site.brokers["n1"].launch()
    site.world.attributes["rabbitmq-forget"] = {"n1": "n3"}
    site.do("n1", "monitor")
    assert site.brokers["n1"].told == []


def test_the_minority_of_a_partition_restarts(site: Site) -> None:
    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in NODES}
    site.world.attributes["rabbitmq-misses"] = dict.fromkeys(("n2", "n3"), "rabbit@n1")
    site.brokers["n1"].launch()
    site.sees = Result(0, "{sees,[rabbit@n1],alarms,0}\n")
    assert site.do("n1", "monitor", "10").code == codes.DEGRADED
    answer = site.do("n1", "monitor", "10")
    assert (answer.code, answer.reason) == (
        1,
        "partition: this node sees rabbit@n1, and the majority does not see it",
    )


def test_a_broker_that_serves_but_does_not_say_whom_it_sees_runs_on(site: Site) -> None:
    site.brokers["n1"].launch()
    assert [site.do("n1", "monitor", "10").code for _ in range(4)] == [0, 0, 190, 190]
    answer = site.do("n1", "monitor", "10")
    assert answer.reason.endswith("rabbitmqctl eval: Error: unable to perform an operation on node.")


def test_an_alarm_is_reported(site: Site) -> None:
    site.brokers["n1"].launch()
    site.sees = Result(0, "{sees,[rabbit@n1],\n      alarms,2}\n")
    assert site.do("n1", "monitor", "10").reason == "an alarm of memory or disk blocks publishers"


def test_a_hanging_broker_fails_after_some_patience(site: Site) -> None:
    site.brokers["n1"].launch()
    site.brokers["n1"].hangs = True
    assert [site.do("n1", "monitor").code for _ in range(3)] == [190, 190, 1]
    assert site.do("n1", "stop").code == 0


def test_a_stop_is_no_farewell(site: Site) -> None:
    site.brokers["n1"].launch()
    assert site.do("n1", "stop").code == 0
    assert not any("forget" in word for told in site.brokers["n1"].told for word in told)
