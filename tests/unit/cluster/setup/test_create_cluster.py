"""Commands on the nodes when a cluster is created, and nodes that are rejected."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

import pytest

from pacemaker_os.cluster.setup import facts, pcs
from pacemaker_os.cluster.setup.create import create_cluster
from pacemaker_os.cluster.setup.progress import Progress
from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.errors import ClusterError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.fake import Expect, FakeTransport

TOPOLOGY = Topology(
    name="ha",
    token=1000,
    nodes=(
        TopologyNode(name="n1", addresses=("192.0.2.1",)),
        TopologyNode(name="n2", addresses=("192.0.2.2",)),
    ),
)

CONF = """\
totem {{
    cluster_name: {name}
    token: 1000
}}
nodelist {{
    node {{
        ring0_addr: 192.0.2.1
        name: n1
    }}
    node {{
        ring0_addr: {second}
        name: n2
    }}
}}
"""

MEMBER = CONF.format(name="ha", second="192.0.2.2")

MONITOR = ("crm_mon", "-1", "--output-as=xml")
ONLINE = """<pacemaker-result><summary><current_dc with_quorum="true"/></summary><nodes>
<node name="n1" online="true" pending="false" type="member"/>
<node name="n2" online="true" pending="false" type="member"/></nodes></pacemaker-result>"""

EMPTY = '<cib epoch="0"><configuration><crm_config/></configuration></cib>'
FIRST_CIB = [
    Expect(("test", "-e", facts.CIB), status=1),
    Expect(("cibadmin", "--empty"), stdout=EMPTY),
]
HOSTS = ("n1", "addr=192.0.2.1", "n2", "addr=192.0.2.2")
AUTHENTICATE = Expect(("pcs", "host", "auth", "-u", "hacluster", *HOSTS))
#: A setup whose deployment is killed ends by itself: who looks after that waits for it.
LOCKED = ("flock", "--close", pcs.SETUP_LOCK)
SET_UP = (*LOCKED, "pcs", "cluster", "setup", "ha", *HOSTS, "transport", "knet", "totem", "token=1000")
START = [
    Expect(("systemctl", "start", "corosync", "pacemaker")),
    Expect(("systemctl", "enable", "--quiet", "corosync", "pacemaker")),
]
PASSWORD = [Expect(("chpasswd",)), Expect(("systemctl", "enable", "--now", "pcsd.service"))]
SETTLED = [
    Expect(MONITOR, stdout=ONLINE),
    Expect(("cibadmin", "--delete", "--xml-text", '<nvpair id="pcs-os-first-election"/>')),
]


def gather(conf: str = "", *, running: bool = False, cib: bool = False, missing: str = "") -> Expect:
    active, there = "active" if running else "inactive", "cib" if cib else "none"
    line = ("sh", "-c", facts._SCRIPT, "sh", facts.COROSYNC_CONF, facts.CIB, pcs.SETUP_LOCK)
    return Expect(line, stdout=f"{missing}\n{active}\n{there}\n{conf}")


def nodes(monkeypatch: pytest.MonkeyPatch, *scripts: list[Expect]) -> list[FakeTransport]:
    fakes = [FakeTransport(list(script), name=f"n{n}") for n, script in enumerate(scripts, 1)]
    monkeypatch.setattr(TopologyNode, "open", lambda node: fakes[int(node.name[1:]) - 1])
    return fakes


def test_create_sets_up_bare_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = nodes(
        monkeypatch,
        [gather(), *PASSWORD, AUTHENTICATE, Expect(SET_UP), *FIRST_CIB, *START, *SETTLED],
        [gather(), *PASSWORD, *FIRST_CIB, *START],
    )
    given: list[str] = []
    monkeypatch.setattr(Secret, "reveal", lambda secret: given.append(secret.value) or secret.value)
    steps: list[str] = []
    assert create_cluster(TOPOLOGY, Progress(lambda text, seconds: steps.append(text)))
    first.finish()
    second.finish()
    assert b"dc-deadtime" in first.files[facts.CIB]
    assert first.modes[facts.CIB] == (0o600, "hacluster:haclient")
    password = max(given, key=len).removeprefix("hacluster:").strip()
    assert len(password) >= 24
    assert not any(password in text for text in steps)


def test_node_with_the_example_configuration_is_a_bare_node(monkeypatch: pytest.MonkeyPatch) -> None:
    example = "nodelist {\nnode {\nname: node1\nring0_addr: 127.0.0.1\n}\n}\n"
    first, _ = nodes(monkeypatch, [gather(example)], [gather(example)])
    with pytest.raises(AssertionError, match="chpasswd"):
        create_cluster(TOPOLOGY, Progress())
    assert not first.script


def test_create_does_not_change_a_healthy_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    running = gather(MEMBER, running=True, cib=True)
    first, second = nodes(monkeypatch, [running, Expect(MONITOR, stdout=ONLINE)], [running])
    assert not create_cluster(TOPOLOGY, Progress())
    first.finish()
    second.finish()


def test_create_starts_a_stopped_cluster_and_keeps_its_cib(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = gather(MEMBER, cib=True)
    first, second = nodes(
        monkeypatch,
        [stopped, Expect(MONITOR, status=102), *START, *SETTLED],
        [stopped, *START],
    )
    assert create_cluster(TOPOLOGY, Progress())
    first.finish()
    second.finish()
    assert not first.files


def test_create_repeats_an_interrupted_setup(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = nodes(
        monkeypatch,
        [
            gather(MEMBER),
            *PASSWORD,
            AUTHENTICATE,
            Expect((*SET_UP, "--force")),
            *FIRST_CIB,
            *START,
            *SETTLED,
        ],
        [gather(), *PASSWORD, *FIRST_CIB, *START],
    )
    assert create_cluster(TOPOLOGY, Progress())
    first.finish()
    second.finish()


def test_facts_are_gathered_after_a_running_setup(tmp_path: Path) -> None:
    """pcs on the node continues after the deployment that started it was killed."""
    conf, lock = tmp_path / "corosync.conf", tmp_path / "lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        line = ["sh", "-c", facts._SCRIPT, "sh", str(conf), str(tmp_path / "cib.xml"), str(lock)]
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
            conf.write_text(MEMBER)
            fcntl.flock(held, fcntl.LOCK_UN)
            output, _ = process.communicate(timeout=30)
    assert output.endswith(MEMBER)


def test_create_changes_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    running = gather(MEMBER.replace("1000", "3000"), running=True, cib=True)
    first, _ = nodes(
        monkeypatch,
        [
            running,
            Expect(("pcs", "cluster", "config", "update", "totem", "token=1000")),
            Expect(MONITOR, stdout=ONLINE),
        ],
        [running],
    )
    assert create_cluster(TOPOLOGY, Progress())
    first.finish()


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (gather(CONF.format(name="other", second="192.0.2.2")), gather(), "other-cluster"),
        (gather(CONF.format(name="ha", second="192.0.2.9")), gather(), "other-members"),
        (gather(MEMBER, running=True, cib=True), gather(), "incomplete-cluster"),
        (gather(MEMBER, cib=True), gather(), "incomplete-cluster"),
        (gather(missing=" pcs corosync"), gather(), "no-program"),
    ],
)
def test_create_rejects_nodes_whose_configuration_would_be_lost(
    monkeypatch: pytest.MonkeyPatch, first: Expect, second: Expect, code: str
) -> None:
    """Only facts are gathered: the fake transports expect no other command."""
    nodes(monkeypatch, [first], [second])
    with pytest.raises(ClusterError) as caught:
        create_cluster(TOPOLOGY, Progress())
    assert caught.value.code == code
