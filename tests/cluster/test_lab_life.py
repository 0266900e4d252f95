"""Labs: in parallel, interrupted, on the older release, and with remote nodes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from lab_handle import LabHandle, down, pcs_os, wait_until

from pacemaker_os.lab.shape import LABEL_LAB

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.cluster

Up = Callable[..., LabHandle]


def left_of(engine: DockerClient, name: str) -> list[str]:
    """Return the names of all Docker objects of a lab."""
    label = {"label": f"{LABEL_LAB}={name}"}
    containers = engine.containers.list(all=True, filters=label, ignore_removed=True)
    networks, volumes = engine.networks.list(filters=label), engine.volumes.list(filters=label)
    return [str(found.name) for found in (*containers, *networks, *volumes)]


def test_two_labs_are_independent(engine: DockerClient, own_lab: Up) -> None:
    """Their networks and faults are separate; `heal` ends partitions and pauses."""
    one, two = (own_lab(name, "--bare", "--nodes", "2") for name in ("side-a", "side-b"))
    addresses = [state["address"] for lab in (one, two) for state in lab.states()]
    assert len(set(addresses)) == 6
    neighbour = next(state["address"] for state in one.states() if state["node"] == "controller02")

    def reached() -> bool:
        ping = ["ping", "-c", "1", "-W", "1", neighbour]
        return one.node("controller01").run(ping, ok=(0, 1, 2)).status == 0

    assert reached()
    one.fault("partition", "controller01")
    assert not reached()
    one.fault("heal", "controller01")
    assert reached()
    one.fault("pause", "controller02")
    assert one.container("controller02") == "paused"
    one.fault("kill", "controller01")
    assert one.container("controller01") == "exited"
    one.fault("heal")
    assert {one.container(node) for node in one.nodes} == {"running"}
    assert {two.container(node) for node in two.nodes} == {"running"}
    down("side-a")
    assert left_of(engine, "side-a") == []
    assert sorted(left_of(engine, "side-b")) == [
        "pacemaker-os-side-b",  # the network
        "pacemaker-os-side-b",  # the shared volume
        "side-b-bmc",
        "side-b-controller01",
        "side-b-controller02",
    ]


def test_node_names_are_resolved_without_a_name_server(own_lab: Up) -> None:
    lab = own_lab("names", "--bare", "--nodes", "2", "--remotes", "1")
    for node in lab.nodes:
        names = {"controller01", "controller02", "compute01"}
        found = lab.node(node).run(["getent", "hosts", *names]).text
        assert {line.split()[1] for line in found.splitlines()} == names
        assert lab.node(node).run(["getent", "hosts", "no-such-node"], ok=(2,), timeout=2).stdout == b""


def test_down_removes_an_interrupted_lab_completely(engine: DockerClient) -> None:
    down("cut-off")
    line = [sys.executable, "-m", "pacemaker_os", "lab", "up", "--name", "cut-off"]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL) as running:
        try:
            wait_until(
                "a container is made", lambda: any("cut-off-" in name for name in left_of(engine, "cut-off"))
            )
        finally:
            running.kill()
    assert left_of(engine, "cut-off")
    down("cut-off")
    assert left_of(engine, "cut-off") == []
    assert "does not exist" in pcs_os("lab", "down", "--name", "cut-off").stdout


@pytest.mark.parametrize("piece", ["again-controller01", "again-bmc"])
def test_up_completes_an_interrupted_lab(engine: DockerClient, own_lab: Up, piece: str) -> None:
    """Interrupt `lab up` when the node, or the container of the fencing devices, exists."""
    down("again")
    line = [sys.executable, "-m", "pacemaker_os", "lab", "up", "--name", "again", "--nodes", "1"]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL) as running:
        try:
            wait_until(f"{piece} is made", lambda: piece in left_of(engine, "again"))
        finally:
            running.kill()
    lab = own_lab("again", keep=True)
    assert lab.nodes == ["controller01"]
    assert lab.online("controller01") == {"controller01"}


def test_up_with_another_shape_is_an_error(own_lab: Up) -> None:
    own_lab("shape", "--bare", "--nodes", "1")
    result = pcs_os("lab", "up", "--name", "shape", "--nodes", "2", ok=(1,))
    assert "pcs-os lab down --name shape" in result.stderr


def test_debian_12_and_a_remote_node(own_lab: Up) -> None:
    """Test the older release briefly: a cluster, a remote node, and fencing of both kinds."""
    lab = own_lab("twelve", "--release", "bookworm", "--remotes", "1")
    node = lab.node("controller01")
    assert "Pacemaker 2.1" in node.run(["pacemakerd", "--version"]).text
    assert lab.seconds_until_fenced("compute01", lambda: lab.fault("kill", "compute01")) < 30
    wait_until(
        "the remote node is back", lambda: "RemoteOnline: [ compute01 ]" in node.run(["crm_mon", "-1"]).text
    )
    assert lab.quickest_fencing("controller02", "kill", 8) < 8
