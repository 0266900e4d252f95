"""fence_nova and nova-evacuate as processes, with a CIB file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nova_fake import Cloud
from nova_server import serve

from pacemaker_os.ocf.process import Process

AGENTS = Path(__file__).parents[3] / "agents"
CODE = AGENTS.parent / "pacemaker_os"

pytestmark = pytest.mark.skipif(
    not shutil.which("cibadmin", path="/usr/sbin"), reason="Pacemaker's programs are not installed"
)

CONFIGURATION = """
<cib validate-with="pacemaker-3.5" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config/><nodes/>
    <resources>
      <primitive id="compute1" class="ocf" provider="pacemaker" type="remote"/>
      <primitive id="compute2" class="ocf" provider="pacemaker" type="remote"/>
      <primitive id="power" class="stonith" type="fence_ipmilan"/>
      <primitive id="nova" class="stonith" type="fence_nova"/>
    </resources>
    <constraints/>
    <fencing-topology>
      <fencing-level id="l1" target="compute1" index="1" devices="power,nova"/>
      <fencing-level id="l2" target="compute2" index="1" devices="nova"/>
    </fencing-topology>
  </configuration>
  <status/>
</cib>
"""


def wait(what: str, condition: Callable[[], object], within: float = 120.0) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"waited {within} s for {what}"
        time.sleep(0.02)


class Node:
    """A controller: its directory, its CIB file, and the programs that Pacemaker runs there."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory, self.cib = directory, directory / "cib.xml"
        self.cib.write_text(CONFIGURATION)
        self.credentials = directory / "nova.conf"
        self.credentials.write_text(
            f"export OS_AUTH_URL=http://127.0.0.1:{port}\nOS_USERNAME=nova\n"
            "OS_PASSWORD='right'\nOS_PROJECT_NAME=service\n"
        )
        self.credentials.chmod(0o600)
        self.environ = {"CIB_file": str(self.cib), "HA_RSCTMP": str(directory), "PATH": os.environ["PATH"]}

    def fence(self, action: str, plug: str = "compute1", **more: str) -> subprocess.CompletedProcess[str]:
        values = {
            "action": action,
            "plug": plug,
            "nodename": plug,
            "credentials_file": str(self.credentials),
            **more,
        }
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        return subprocess.run(
            [AGENTS / "fence_nova"], input=lines, env=self.environ, capture_output=True, text=True
        )

    def do(
        self, action: str, *, agents: Path = AGENTS, **parameters: str
    ) -> subprocess.CompletedProcess[str]:
        values = {"credentials_file": str(self.credentials), "shared_storage": "yes", **parameters}
        environ = {f"OCF_RESKEY_{name}": value for name, value in values.items()}
        environ |= {"OCF_RESOURCE_INSTANCE": "nova-evacuate", "OCF_RESKEY_CRM_meta_interval": "10000"}
        return subprocess.run(
            [agents / "nova-evacuate", action], env=self.environ | environ, capture_output=True, text=True
        )

    @property
    def pid(self) -> int:
        return int((self.directory / "nova-evacuate-nova-evacuate.daemon").read_text().split()[0])

    @property
    def request(self) -> bool:
        return "nova-evacuation" in self.cib.read_text()

    def status(self) -> dict[str, object]:
        text = (self.directory / "nova-evacuate-nova-evacuate.status.json").read_text()
        found: dict[str, object] = json.loads(text)
        return found


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(2, 12)


@pytest.fixture
def node(tmp_path: Path, cloud: Cloud) -> Iterator[Node]:
    with serve(cloud, speed=4.0) as port:
        found = Node(tmp_path, port)
        yield found
        found.do("stop")


def test_engine_killed_three_times_requests_each_evacuation_once(cloud: Cloud, node: Node) -> None:
    cloud.power_off("compute1")
    assert node.fence("off").returncode == 0
    for done in (2, 5, 9):
        assert node.do("start").returncode == 0
        wait(f"{done} evacuations", lambda done=done: len(cloud.moves) >= done)
        os.kill(node.pid, signal.SIGKILL)
        wait("the end of the engine", lambda: node.do("monitor").returncode == 7)
    assert node.do("start", request_grace_period="20s").returncode == 0
    wait("the request to be closed", lambda: not node.request)
    assert cloud.violations == []
    assert set(Counter(move.guest for move in cloud.moves).values()) == {1}
    assert {guest.host for guest in cloud.guests.values()} == {"compute2"}
    assert not any(guest.locked for guest in cloud.guests.values())


def test_engine_re_executes_installed_release(cloud: Cloud, node: Node, tmp_path: Path) -> None:
    copy = tmp_path / "later"
    ignore = shutil.ignore_patterns("__pycache__")
    for room in ("ocf", "agents"):
        shutil.copytree(CODE / room, copy / "pacemaker_os" / room, ignore=ignore)
    (copy / "pacemaker_os" / "__init__.py").touch()
    shutil.copytree(AGENTS, copy / "agents", ignore=ignore, copy_function=shutil.copy)
    assert node.do("start").returncode == 0
    pid = node.pid
    assert node.do("monitor").returncode == 0
    assert node.do("monitor", agents=copy / "agents").returncode == 0
    line = Path(f"/proc/{pid}/cmdline")
    wait("the new release", lambda: str(copy) in line.read_text())
    assert node.do("monitor", agents=copy / "agents").returncode == 0
    assert node.pid == pid
    cloud.power_off("compute1")
    assert node.fence("off").returncode == 0
    wait("the request to be closed", lambda: not node.request)


def test_agent_actions_and_metrics(cloud: Cloud, node: Node) -> None:
    metrics = node.directory / "pacemaker-os.prom"
    assert node.do("monitor").returncode == 7
    assert node.do("start", metrics_file=str(metrics)).returncode == 0
    pid = node.pid
    assert (node.do("start").returncode, node.pid) == (0, pid)
    wait("a poll cycle", metrics.exists)
    assert node.do("monitor").returncode == 0
    assert "pacemaker_os_evacuation_requests 0" in metrics.read_text()
    cloud.power_off("compute1")
    node.fence("off", nova_timeout="0")
    assert not cloud.machines["compute1"].forced_down
    wait("the evacuation", lambda: 'state="evacuated"} 12' in metrics.read_text())
    assert node.do("reload-agent", exclude="name:*").returncode == 0
    wait("the request to be closed", lambda: not node.request)
    assert node.do("stop").returncode == 0
    assert node.do("stop").returncode == 0
    assert node.do("monitor").returncode == 7
    assert Process.find(pid) is None


def test_start_succeeds_while_nova_is_down(node: Node) -> None:
    node.credentials.write_text(node.credentials.read_text().replace("//127.0.0.1", "//127.0.0.3"))
    begin = time.monotonic()
    assert node.do("start").returncode == 0
    assert node.do("monitor").returncode == 0
    assert time.monotonic() - begin < 10


def test_monitor_problem_is_degraded_with_reason(node: Node) -> None:
    node.credentials.write_text(node.credentials.read_text().replace("right", "wrong"))
    assert node.do("start").returncode == 0
    wait("a poll cycle", lambda: node.do("monitor").returncode == 190)
    assert "Keystone login: 401" in node.do("monitor").stderr


def test_start_fails_with_readable_credentials(node: Node) -> None:
    node.credentials.chmod(0o644)
    answer = node.do("start")
    assert answer.returncode == 4
    assert f"chmod 600 {node.credentials}" in answer.stderr


def test_output_contains_no_secret(cloud: Cloud, node: Node) -> None:
    node.do("start")
    wait("a look", lambda: (node.directory / "nova-evacuate-nova-evacuate.status.json").exists())
    visible = Path(f"/proc/{node.pid}/cmdline").read_text() + Path(f"/proc/{node.pid}/environ").read_text()
    visible += "".join(
        p.read_text() for p in node.directory.iterdir() if p != node.credentials and p.is_file()
    )
    assert "right" not in visible


def test_off_succeeds_while_nova_is_down(node: Node) -> None:
    node.credentials.write_text(node.credentials.read_text().replace("http://127.0.0.1", "http://127.0.0.3"))
    begin = time.monotonic()
    answer = node.fence("off", nova_timeout="2")
    assert (answer.returncode, node.request) == (0, True)
    assert "compute service not forced down in Nova yet" in answer.stderr
    assert time.monotonic() - begin < 10
    assert node.fence("status").returncode == 2


def test_off_repeated_opens_one_request(cloud: Cloud, node: Node) -> None:
    node.fence("off")
    before = node.cib.read_text()
    assert node.fence("off").returncode == 0
    assert node.cib.read_text() == before
    assert cloud.machines["compute1"].forced_down
    assert node.fence("on").returncode == 0
    assert node.request


def test_off_without_power_fencing_device_fails(node: Node) -> None:
    answer = node.fence("off", plug="compute2")
    assert (answer.returncode, node.request) == (1, False)
    assert "it would stay powered on" in answer.stderr
    assert node.fence("off", plug="controller1").returncode == 1


@pytest.mark.parametrize("plug", ["", "a b", "../x", "x'y", "a\x1b[31m"])
def test_off_invalid_node_name_fails(node: Node, plug: str) -> None:
    answer = node.fence("off", plug=plug)
    assert (answer.returncode, node.request) == (1, False)
    assert "Traceback" not in answer.stderr


def test_fence_agent_actions(node: Node) -> None:
    assert node.fence("monitor").returncode == 0
    assert node.fence("status").returncode == 0
    assert node.fence("list").stdout == "compute1,\ncompute2,\n"
    assert node.fence("validate-all").returncode == 0
    assert node.fence("nonsense").returncode == 1
    assert 'name="fence_nova"' in node.fence("metadata").stdout
