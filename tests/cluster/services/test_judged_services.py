"""The openstack-service, etcd and memcached agents under a real Pacemaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab_handle import LabHandle, lab_up, pcs_os, wait_until
from lxml import etree
from stand_in import BUS, PAGE
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
      url: "http://127.0.0.1:{PAGE}/healthcheck"
      bus_port: {BUS}
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
    """Three nodes with the daemons and the agents."""
    with lab_up(NAME, "--image", "services"):
        lab = LabHandle(engine, NAME)
        containers = [word for node in lab.nodes for word in ("--container", f"{NAME}-{node}")]
        pcs_os("agents", "install", *containers)
        yield lab


@pytest.fixture
def apply(lab: LabHandle, tmp_path: Path) -> Callable[[str], None]:
    """Apply a document, and wait until all of it runs."""

    def to_the_cluster(text: str) -> None:
        document = tmp_path / "services.cib.yaml"
        document.write_text(text)
        options = ("--yes", "--allow", "restart,move,stop", "--timeout", "300")
        pcs_os("apply", "--container", f"{NAME}-controller01", *options, str(document))

    return to_the_cluster


def status(lab: LabHandle) -> etree._Element:
    """What crm_mon says."""
    return etree.fromstring(lab.node("controller01").run(["crm_mon", "-1", "--output-as=xml"]).stdout)


def failures(lab: LabHandle) -> set[str]:
    """The reasons of the failures that Pacemaker remembers."""
    return {str(failure.get("exitreason")) for failure in status(lab).iter("failure")}


def place(lab: LabHandle) -> str:
    """The node that runs the stand-in; empty while none does."""
    found = status(lab).xpath("//resource[@id='api' and @active='true' and @failed='false']/node/@name")
    return str(found[0]) if found else ""


def test_a_service_is_judged_by_what_it_does(lab: LabHandle, apply: Callable[[str], None]) -> None:
    for node in lab.nodes:
        install(lab.node(node), SERVICE)
    apply(STAND_IN)
    said = {
        "error": f"http://127.0.0.1:{PAGE}/healthcheck responds with status 500",
        "hang": f"127.0.0.1:{PAGE} did not respond in time",
        "deaf": f"no connection to the message bus (port {BUS})",
    }
    for mode, reason in said.items():
        node = lab.node(place(lab))
        pid = node.run(["systemctl", "show", "-P", "MainPID", "stand-in"]).text
        node.put(f"{mode}\n".encode(), "/run/stand-in/mode", mode=0o644)
        wait_until(f"the failure told: {reason}", lambda reason=reason: failures(lab) & {reason})
        wait_until("it runs again", lambda: place(lab))
        after = lab.node(place(lab)).run(["systemctl", "show", "-P", "MainPID", "stand-in"]).text
        assert after != pid
        lab.node("controller01").run(["crm_resource", "--cleanup", "--resource", "api"])
        wait_until("it runs on", lambda: place(lab) and not failures(lab))


def all_run(lab: LabHandle) -> bool:
    """Whether three instances of each run."""
    found = status(lab)
    wanted = "//resource[@id='{}' and @active='true' and @failed='false']"
    return all(len(found.xpath(wanted.format(name))) == 3 for name in ("etcd", "memcached"))


def get(lab: LabHandle, node: str) -> str:
    """What etcd on `node` has kept."""
    argv = ["etcdctl", "--endpoints=http://127.0.0.1:2379", "get", "--print-value-only", "kept"]
    return lab.node(node).run(argv, env={"ETCDCTL_API": "3"}, ok=(0, 1)).text.strip()


def test_etcd_keeps_what_it_was_given(lab: LabHandle, apply: Callable[[str], None]) -> None:
    pairs = [f"{state['node']}:{state['address']}" for state in lab.states() if state["role"] == "node"]
    apply(CLUSTERED.replace("ADDRESSES", " ".join(pairs)))
    wait_until("etcd and memcached everywhere", lambda: all_run(lab), 120)
    argv = ["etcdctl", "--endpoints=http://127.0.0.1:2379", "put", "kept", "value"]
    lab.node("controller01").run(argv, env={"ETCDCTL_API": "3"})
    for daemon in ("etcd", "memcached"):
        pid = lab.node("controller02").run(["pgrep", "-x", daemon]).text
        lab.node("controller02").run(["pkill", "-KILL", "-x", daemon])
        wait_until(
            f"another {daemon}",
            lambda daemon=daemon, pid=pid: (
                lab.node("controller02").run(["pgrep", "-x", daemon], ok=(0, 1)).text not in ("", pid)
            ),
        )
        wait_until(f"{daemon} back", lambda: all_run(lab))
    lab.fault("power-loss")
    lab.fault("heal")
    wait_until("all back after the power loss", lambda: len(lab.online("controller01")) == 3, 120)
    wait_until("etcd and memcached everywhere", lambda: all_run(lab), 120)
    for node in lab.nodes:
        wait_until(f"{node} serves", lambda node=node: get(lab, node) == "value")
