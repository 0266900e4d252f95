"""The rabbitmq agent on three nodes of a scripted cluster: boot, form, join, wait, forget, restart."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pacemaker_os.agents.rabbitmq import broker as broker_module
from pacemaker_os.agents.rabbitmq.agent import BOOT_IDLE_TIMEOUT, RabbitMQ
from pacemaker_os.agents.rabbitmq.broker import Broker as RealBroker
from pacemaker_os.agents.rabbitmq.broker import error_message
from pacemaker_os.agents.rabbitmq.store import Store
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import TimedOut
from pacemaker_os.ocf.command import Result
from pacemaker_os.ocf.network.stream import Refused
from pacemaker_os.ocf.process import Process
from pacemaker_os.ocf.testing import ActionResult, World

NODES = ["n1", "n2", "n3"]

#: The output of rabbitmqctl if it cannot connect to the broker.
MUTE = "Error: unable to perform an operation on node.\n\nDIAGNOSTICS\n * Erlang cookie hash: zZ==\n"


@dataclass
class Broker(RealBroker):
    """The broker of a node: its disk is real, its process is not."""

    site: Site
    node: str
    runs: bool = False
    hangs: bool = False
    #: The number of its next boots that hang.
    stuck: int = 0
    launched: int = 0
    niceness: int = 0
    commands: list[tuple[str, ...]] = field(default_factory=list)
    peer: str = ""
    broken: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"rabbit@{self.node}"

    @property
    def folder(self) -> Path:
        return self.site.scratch / self.node / "mnesia" / self.name

    @property
    def serves(self) -> bool:
        """Return whether it serves: it has no data, or all brokers that ran longer run too."""
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
            raise TimedOut("did not respond in time")
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
        self.commands.append((tool, *words))
        if self.broken and words[: len(self.broken)] == self.broken:
            return Result(69, "", "Error: it is broken")
        if node and not self.site.brokers[node.removeprefix("rabbit@")].runs:
            return Result(69, "", "Error: unable to perform an operation on node")
        if words[:2] == ("--silent", "list_feature_flags"):
            return Result(0, "quorum_queue\tenabled\nnew_thing\tdisabled\n")
        if words[:1] == ("forget_cluster_node",) and node:
            return Result(69, "", "not a member")
        if words[:1] == ("eval",):
            return self.site.sees
        return Result(0)

    def run_tool(self, *words: str, tool: str = "rabbitmqctl", node: str = "") -> str:
        output = super().run_tool(*words, tool=tool, node=node)
        if words[:2] == ("forget_cluster_node", "--offline"):
            last = self.folder / "nodes_running_at_shutdown"
            last.write_text(last.read_text().replace(words[2], self.name))
        return output


class Site:
    """Three nodes, and Pacemaker's calls of their agents."""

    def __init__(self, scratch: Path) -> None:
        self.world, self.scratch = World(NODES), scratch
        self.brokers = {name: Broker(self, name) for name in NODES}
        self.members: set[str] = set()
        self.sees = Result(69, "", MUTE)
        for name in NODES:
            (scratch / name / "mnesia").mkdir(parents=True)
            (scratch / name / ".erlang.cookie").touch()

    def do(self, name: str, action: str, level: str = "0", **parameters: str) -> ActionResult:
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
        """Give a node the data of a broker that stopped while `last` were still running."""
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
    """Publish reports of nodes without data."""
    reports = site.world.attributes.setdefault("rabbitmq-report", {})
    reports.update({node: f"starting 0 rabbit@{node} " for node in nodes})


def test_start_first_node_forms_cluster_and_others_join(site: Site) -> None:
    say(site, "n2", "n3")
    assert site.do("n1", "start", set_policy='ha ^h \'{"ha-mode": "all"}\'').code == 0
    assert site.brokers["n1"].peer == ""
    assert ("rabbitmqctl", "set_policy", "ha", "^h", '{"ha-mode": "all"}') in site.brokers["n1"].commands
    for node in ("n2", "n3"):
        assert site.do(node, "start").code == 0
        assert site.brokers[node].peer == "rabbit@n1"
        assert ("rabbitmq-queues", "grow", f"rabbit@{node}", "all") in site.brokers[node].commands
    assert {text.split()[0] for text in site.reports.values()} == {"running"}


def test_policy_that_cannot_be_set_is_set_later(site: Site) -> None:
    policy = 'ha ^h {"ha-mode":"all"}'
    say(site, "n2", "n3")
    broker = site.brokers["n1"]
    broker.broken = ("set_policy",)
    assert site.do("n1", "start", set_policy=policy).code == 0
    answer = site.do("n1", "monitor", set_policy=policy)
    assert answer.code == codes.DEGRADED
    assert answer.reason == "the policy is not set: rabbitmqctl set_policy: Error: it is broken"
    broker.broken = ()
    assert site.do("n1", "monitor", set_policy=policy).code == codes.RUNNING
    broker.commands.clear()
    assert site.do("n1", "monitor", set_policy=policy).code == codes.RUNNING
    assert broker.commands == []


def test_invalid_policy_is_refused_before_the_start(site: Site) -> None:
    answer = site.do("n1", "start", set_policy="ha ^h {'ha-mode':'all'}")
    assert answer.code == codes.CONFIGURED
    assert answer.reason.startswith("parameter 'set_policy': it must be a name, a pattern, and a definition")
    assert not site.brokers["n1"].runs


def test_peer_that_fails_during_the_join_is_replaced(site: Site) -> None:
    say(site, "n2", "n3")
    for node in ("n1", "n2"):
        assert site.do(node, "start").code == 0
    site.brokers["n1"].stop()
    assert site.do("n3", "start").code == 0
    assert site.brokers["n3"].peer == "rabbit@n2"


def test_join_without_a_peer_that_responds_waits(site: Site) -> None:
    say(site, "n2", "n3")
    for node in ("n1", "n2"):
        assert site.do(node, "start").code == 0
        site.brokers[node].stop()
    assert site.do("n3", "start").code == 0
    assert not site.brokers["n3"].runs


def test_start_node_without_data_waits_for_node_with_data(site: Site) -> None:
    site.ran("n3", "n3")
    site.world.attributes["rabbitmq-report"] = {"n3": "stopped 1 rabbit@n3 rabbit@n3"}
    assert site.do("n1", "start").code == 0
    assert site.world.now < 10
    for _ in range(2):
        answer = site.do("n1", "monitor")
        assert (answer.code, answer.reason) == (
            codes.DEGRADED,
            "not a cluster member yet: waiting for n3, which has data",
        )
    assert not site.brokers["n1"].runs
    assert site.do("n3", "start").code == 0
    answer = site.do("n1", "monitor")
    assert (answer.code, answer.reason) == (
        codes.GENERIC,
        "restarting to join the cluster: n3 is running",
    )
    assert site.do("n1", "stop").code == 0
    assert site.do("n1", "monitor").code == codes.NOT_RUNNING
    assert site.do("n1", "start").code == 0
    assert site.brokers["n1"].peer == "rabbit@n3"


def test_start_sequential_starts_form_a_cluster(site: Site) -> None:
    """A busy cluster runs one action at a time: all nodes are probed, then each is started alone."""
    for node in NODES:
        assert site.do(node, "probe").code == codes.NOT_RUNNING
    for node in NODES:
        assert site.do(node, "start").code == 0
    assert site.world.now < 5
    assert [site.brokers[node].peer for node in NODES] == ["", "rabbit@n1", "rabbit@n1"]


def test_start_other_node_first_forms_no_second_cluster(site: Site) -> None:
    for node in NODES:
        site.do(node, "probe")
    site.do("n2", "start")
    assert site.do("n2", "monitor").code == codes.DEGRADED
    site.do("n1", "start")
    assert site.do("n2", "monitor").code == codes.GENERIC
    site.do("n2", "stop")
    site.do("n2", "start")
    assert site.brokers["n2"].peer == "rabbit@n1"


def test_start_broker_with_configured_niceness(site: Site) -> None:
    say(site, "n2", "n3")
    for node in NODES[:2]:
        assert site.do(node, "start", niceness="-10").code == 0
        assert site.brokers[node].niceness == -10
    site.ran("n3", "n3")
    assert site.do("n3", "start", niceness="-5").code == 0
    assert site.brokers["n3"].niceness == -5


def test_start_boots_existing_data(site: Site) -> None:
    for node in NODES:
        site.ran(node, *NODES)
    before = {path: path.read_bytes() for path in site.scratch.rglob("schema.DAT")}
    site.brokers["n2"].runs = site.brokers["n3"].runs = True
    assert site.do("n1", "start").code == 0
    assert site.brokers["n1"].commands == []
    assert {path: path.read_bytes() for path in site.scratch.rglob("schema.DAT")} == before


def test_start_idle_broker_is_restarted_once(site: Site) -> None:
    site.ran("n1", "n1")
    broker = site.brokers["n1"]
    broker.stuck, broker.launched = 1, 0
    assert site.do("n1", "start").code == 0
    assert broker.launched == 2
    assert BOOT_IDLE_TIMEOUT < site.world.now < BOOT_IDLE_TIMEOUT + 5


def test_start_broker_that_hangs_again_fails(site: Site) -> None:
    site.ran("n1", "n1")
    broker = site.brokers["n1"]
    broker.stuck, broker.launched = 9, 0
    answer = site.do("n1", "start")
    assert answer.code == codes.GENERIC
    assert "waiting for the broker to serve" in answer.reason
    assert broker.launched == 2


def test_start_busy_broker_is_not_restarted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recovering many messages takes time, and CPU time."""
    site.ran("n1", "n1")
    broker = site.brokers["n1"]
    broker.stuck, broker.launched = 1, 0
    monkeypatch.setattr(Process, "cpu_seconds", property(lambda _: site.world.now / 10))
    assert site.do("n1", "start").code == codes.GENERIC
    assert broker.launched == 1


def test_start_does_not_wait_for_later_starts(site: Site) -> None:
    """n3 ran longest, and Pacemaker starts it only after the other starts have ended."""
    site.ran("n1", "n1", "n3")
    site.ran("n3", "n3")
    assert site.do("n1", "start").code == 0
    assert site.do("n1", "monitor").code == codes.RUNNING
    site.world.now += 31
    answer = site.do("n1", "monitor")
    assert answer.code == codes.DEGRADED
    assert answer.reason == "waiting for rabbit@n3, which stopped after this node"
    assert site.do("n3", "start").code == 0
    assert site.do("n1", "monitor").code == codes.RUNNING
    assert site.reports["n1"].startswith("running")


def test_monitor_boot_timeout_is_a_failure(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    site.ran("n1", "n1", "n3")
    site.do("n1", "start")
    site.do("n1", "monitor")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 1000)
    answer = site.do("n1", "monitor")
    assert answer.code == codes.GENERIC
    assert "permanently: attrd_updater -n rabbitmq-forget -U NODE" in answer.reason


def test_monitor_forget_attribute_removes_member(site: Site) -> None:
    site.ran("n1", "n1", "n3")
    site.do("n1", "start")
    site.world.attributes["rabbitmq-forget"] = {"n1": "n3"}
    site.do("n1", "monitor")
    assert ("rabbitmqctl", "forget_cluster_node", "--offline", "rabbit@n3") in site.brokers["n1"].commands
    assert site.brokers["n1"].serves
    assert site.world.attributes["rabbitmq-forget"] == {}


def test_monitor_only_one_node_removes_a_member(site: Site) -> None:
    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in ("n1", "n2")}
    for node in ("n1", "n2"):
        site.brokers[node].launch()
    site.world.attributes["rabbitmq-forget"] = {"n2": "n3"}
    site.do("n2", "monitor")
    assert site.brokers["n2"].commands == []
    site.do("n1", "monitor")
    assert site.brokers["n1"].commands == [("rabbitmqctl", "forget_cluster_node", "rabbit@n3")]


def test_monitor_forget_after_removes_absent_member(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in ("n1", "n2")}
    for node in NODES:
        site.brokers[node].launch()
    site.brokers["n1"].launch()
    begin = time.monotonic()
    for seconds in (0, 3599, 3601):
        monkeypatch.setattr(time, "monotonic", lambda moment=begin + seconds: moment)
        assert site.brokers["n1"].commands == []
        site.do("n1", "monitor", forget_after="1h")
    assert site.brokers["n1"].commands == [("rabbitmqctl", "forget_cluster_node", "rabbit@n3")]


def test_monitor_running_member_is_not_removed(site: Site) -> None:
    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in NODES}
    site.brokers["n1"].launch()
    site.world.attributes["rabbitmq-forget"] = {"n1": "n3"}
    site.do("n1", "monitor")
    assert site.brokers["n1"].commands == []


def test_monitor_minority_of_partition_restarts(site: Site) -> None:
    site.world.attributes["rabbitmq-report"] = {n: f"running 1 rabbit@{n} " for n in NODES}
    site.world.attributes["rabbitmq-misses"] = dict.fromkeys(("n2", "n3"), "rabbit@n1")
    site.brokers["n1"].launch()
    site.sees = Result(0, "{sees,[rabbit@n1],alarms,0}\n")
    assert site.do("n1", "monitor", "10").code == codes.DEGRADED
    answer = site.do("n1", "monitor", "10")
    assert (answer.code, answer.reason) == (
        1,
        ("partition: this node sees rabbit@n1 and is not in the largest group of nodes that see each other"),
    )


def test_monitor_failed_peer_query_is_degraded(site: Site) -> None:
    site.brokers["n1"].launch()
    assert [site.do("n1", "monitor", "10").code for _ in range(4)] == [0, 0, 190, 190]
    answer = site.do("n1", "monitor", "10")
    assert answer.reason.endswith("rabbitmqctl eval: Error: unable to perform an operation on node.")


def test_monitor_alarm_is_degraded(site: Site) -> None:
    site.brokers["n1"].launch()
    site.sees = Result(0, "{sees,[rabbit@n1],\n      alarms,2}\n")
    assert site.do("n1", "monitor", "10").reason == "publishers are blocked by a memory or disk alarm"


def test_monitor_hung_broker_fails_after_tolerated_timeouts(site: Site) -> None:
    site.brokers["n1"].launch()
    site.brokers["n1"].hangs = True
    assert [site.do("n1", "monitor").code for _ in range(3)] == [190, 190, 1]
    assert site.do("n1", "stop").code == 0


def test_stop_keeps_cluster_membership(site: Site) -> None:
    site.brokers["n1"].launch()
    assert site.do("n1", "stop").code == 0
    assert not any("forget" in word for commands in site.brokers["n1"].commands for word in commands)


def test_different_cookie_is_named() -> None:
    output = (
        "Error: unable to perform an operation on node 'rabbit@n1'.\n"
        "  * Authentication failed (rejected by the remote node), please check the Erlang cookie\n"
    )
    assert error_message(Result(69, "", output)).endswith("all nodes need the same .erlang.cookie")
    assert "cookie" not in error_message(Result(69, "", "Error: other"))


@pytest.mark.parametrize("node", ["n1", "n1.example.org"])
def test_node_name_of_a_clone_contains_the_node(node: str) -> None:
    agent: Any = World([node]).agent(RabbitMQ, "monitor", node=node, parameters={"node_name": "bunny@{node}"})
    assert agent.broker_name == f"bunny@{node}"


def test_additional_arguments_of_the_operator_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[dict[str, str]] = []

    class Launcher:
        def launch(self, argv: list[str], *, environ: dict[str, str], **_: object) -> None:
            launched.append(environ)

    def run(argv: list[str], **_: object) -> Result:
        script = subprocess.run(argv[argv.index("/bin/sh") :], capture_output=True, text=True, check=True)
        return Result(0, script.stdout)

    conf = tmp_path / "rabbitmq-env.conf"
    conf.write_text('#!/bin/sh\nTICK=30\nSERVER_ADDITIONAL_ERL_ARGS="-kernel net_ticktime $TICK"\n')
    monkeypatch.setattr(broker_module, "ENVIRONMENT_FILE", str(conf))
    broker = RealBroker(
        name="rabbit@n2",
        user="root",
        home="/",
        logs="/",
        port=5672,
        dist_port=0,
        config="",
        store=Store("/", "rabbit@n2"),
        run=run,
    )
    broker.launch(Launcher(), "log", peer="rabbit@n1")  # type: ignore[arg-type]
    assert launched[0]["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] == (
        "-kernel net_ticktime 30 -rabbit cluster_nodes {['rabbit@n1'],disc}"
    )


@pytest.mark.parametrize(
    ("arguments", "own"),
    [
        (["beam.smp", "-sname", "rabbit@node1", "-s", "x"], True),
        (["beam.smp", "-name", "rabbit@node1"], True),
        (["beam.smp", "-sname", "rabbit"], True),
        (["beam.smp", "-sname", "couchdb@node1"], False),
        (["beam.smp", "-sname", "rabbit@node2"], False),
        (["beam.smp", "rabbit@node1"], False),
    ],
)
def test_pid_file_counts_only_for_a_broker_of_this_name(arguments: list[str], own: bool) -> None:
    @dataclass
    class Beam:
        arguments: list[str]

    agent: Any = World().agent(RabbitMQ, "monitor", node="node1")
    assert agent.is_broker(Beam(arguments)) is own
