"""The agents openstack-service, etcd and memcached under Pacemaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab_handle import LabHandle, lab_up, pcs_os, wait_until
from lxml import etree
from stand_in import BROKER, HEALTH
from stand_ins import SERVICE, install

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.cluster

NAME = "services"

STAND_IN = f"""\
name: services
resources:
  api:
    agent: ocf:pacemaker-os:openstack-service
    params:
      unit: {SERVICE}
      url: "http://127.0.0.1:{HEALTH}/healthcheck"
      bus_port: {BROKER}
      tolerated_failures: 1
    operations: {{monitor: {{interval: 2s, timeout: 30s}}, start: {{timeout: 60s}}, stop: {{timeout: 60s}}}}
    meta: {{migration-threshold: 100}}
"""

CLUSTERED = """\
name: services
resources:
  etcd:
    agent: ocf:pacemaker-os:etcd
    params: {addresses: "ADDRESSES"}
    operations: {monitor: {interval: 10s, timeout: 30s}, start: {timeout: 120s}, stop: {timeout: 60s}}
    clone: {interleave: true}
  memcached:
    agent: ocf:pacemaker-os:memcached
    params: {port: 11300}
    operations: {monitor: {interval: 5s, timeout: 20s}, start: {timeout: 60s}, stop: {timeout: 60s}}
    clone: {interleave: true}
"""


@pytest.fixture(scope="module")
def lab(engine: DockerClient) -> Iterator[LabHandle]:
    """Three nodes with daemons and agents."""
    with lab_up(NAME, "--image", "services"):
        lab = LabHandle(engine, NAME)
        containers = [arg for node in lab.nodes for arg in ("--container", f"{NAME}-{node}")]
        pcs_os("agents", "install", *containers)
        yield lab


@pytest.fixture
def apply(lab: LabHandle, tmp_path: Path) -> Callable[[str], None]:
    """Apply a document, and wait until the cluster has settled."""

    def apply_text(text: str) -> None:
        document = tmp_path / "services.cib.yaml"
        document.write_text(text)
        options = ("--yes", "--allow", "restart,move,stop", "--timeout", "300")
        pcs_os("apply", "--container", f"{NAME}-controller01", *options, str(document))

    return apply_text


def status(lab: LabHandle) -> etree._Element:
    """Return the output of crm_mon."""
    return etree.fromstring(lab.node("controller01").run(["crm_mon", "-1", "--output-as=xml"]).stdout)


def failures(lab: LabHandle) -> set[str]:
    """Return the exit reasons of recorded failures."""
    return {str(failure.get("exitreason")) for failure in status(lab).iter("failure")}


def node_of_api(lab: LabHandle) -> str:
    """Return the node that runs the stand-in; an empty text if it is stopped."""
    found = status(lab).xpath("//resource[@id='api' and @active='true' and @failed='false']/node/@name")
    return str(found[0]) if found else ""


def test_monitor_detects_each_fault_of_the_service(lab: LabHandle, apply: Callable[[str], None]) -> None:
    for node in lab.nodes:
        install(lab.node(node), SERVICE)
    apply(STAND_IN)
    reasons = {
        "error": f"http://127.0.0.1:{HEALTH}/healthcheck responds with status 500",
        "hang": f"127.0.0.1:{HEALTH} did not respond in time",
        "disconnect": f"no connection to the message bus (port {BROKER})",
    }
    for mode, reason in reasons.items():
        node = lab.node(node_of_api(lab))
        pid = node.run(["systemctl", "show", "-P", "MainPID", "stand-in"]).text
        node.put(f"{mode}\n".encode(), "/run/stand-in/mode", mode=0o644)
        wait_until(f"the failure is reported: {reason}", lambda reason=reason: failures(lab) & {reason})
        wait_until("the service runs again", lambda: node_of_api(lab))
        after = lab.node(node_of_api(lab)).run(["systemctl", "show", "-P", "MainPID", "stand-in"]).text
        assert after != pid
        lab.node("controller01").run(["crm_resource", "--cleanup", "--resource", "api"])
        wait_until("the service runs without failures", lambda: node_of_api(lab) and not failures(lab))


def all_run(lab: LabHandle) -> bool:
    """Return whether three instances of each resource run."""
    found = status(lab)
    query = "//resource[@id='{}' and @active='true' and @failed='false']"
    return all(len(found.xpath(query.format(name))) == 3 for name in ("etcd", "memcached"))


def get(lab: LabHandle, node: str) -> str:
    """Return the stored value from etcd on a node."""
    argv = ["etcdctl", "--endpoints=http://127.0.0.1:2379", "get", "--print-value-only", "key"]
    return lab.node(node).run(argv, env={"ETCDCTL_API": "3"}, ok=(0, 1)).text.strip()


def test_etcd_keeps_data_after_kills_and_power_loss(lab: LabHandle, apply: Callable[[str], None]) -> None:
    pairs = [f"{state['node']}:{state['address']}" for state in lab.states() if state["role"] == "node"]
    apply(CLUSTERED.replace("ADDRESSES", " ".join(pairs)))
    wait_until("etcd and memcached run on all nodes", lambda: all_run(lab), 120)
    argv = ["etcdctl", "--endpoints=http://127.0.0.1:2379", "put", "key", "value"]
    lab.node("controller01").run(argv, env={"ETCDCTL_API": "3"})
    for daemon in ("etcd", "memcached"):
        pid = lab.node("controller02").run(["pgrep", "-x", daemon]).text
        lab.node("controller02").run(["pkill", "-KILL", "-x", daemon])
        wait_until(
            f"a new {daemon} process",
            lambda daemon=daemon, pid=pid: (
                lab.node("controller02").run(["pgrep", "-x", daemon], ok=(0, 1)).text not in ("", pid)
            ),
        )
        wait_until(f"{daemon} runs on all nodes", lambda: all_run(lab))
    lab.fault("power-loss")
    lab.fault("heal")
    wait_until("all nodes are online after the power loss", lambda: len(lab.online("controller01")) == 3, 120)
    wait_until("etcd and memcached run on all nodes", lambda: all_run(lab), 120)
    for node in lab.nodes:
        wait_until(f"etcd on {node} responds", lambda node=node: get(lab, node) == "value")
