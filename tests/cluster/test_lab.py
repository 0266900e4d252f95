"""A lab of three nodes: `lab up` is idempotent, and fencing powers nodes off."""

from __future__ import annotations

import time

import pytest
from lab_handle import LabHandle, pcs_os, wait_until

pytestmark = pytest.mark.cluster

#: Maximum time until a failed node is fenced, in seconds.
FENCED = 8.0


def test_second_up_changes_nothing_and_is_fast(lab: LabHandle) -> None:
    first = lab.node(lab.nodes[0])
    before = first.run(["cibadmin", "--query", "--scope", "configuration"]).stdout
    started = [lab.started_at(node) for node in lab.nodes]
    begin = time.monotonic()
    pcs_os("lab", "up", "--name", lab.name)
    assert time.monotonic() - begin < 20
    assert first.run(["cibadmin", "--query", "--scope", "configuration"]).stdout == before
    assert [lab.started_at(node) for node in lab.nodes] == started


def test_killed_node_is_fenced_and_rejoins(lab: LabHandle) -> None:
    assert lab.quickest_fencing("controller02", "kill", FENCED) < FENCED
    history = lab.node("controller01").run(["stonith_admin", "--history", "controller02"]).text
    assert "controller02" in history


def test_frozen_node_is_fenced_and_rejoins(lab: LabHandle) -> None:
    assert lab.quickest_fencing("controller01", "pause", FENCED) < FENCED


def test_isolated_node_is_fenced_and_rejoins(lab: LabHandle) -> None:
    assert lab.quickest_fencing("controller03", "partition", FENCED) < FENCED


def test_node_without_corosync_is_fenced_and_rejoins(lab: LabHandle) -> None:
    lab.seconds_until_fenced(
        "controller02", lambda: lab.fault("stop-daemon", "controller02", "--daemon", "corosync")
    )
    lab.wait_online()


def test_all_nodes_rejoin_after_a_power_loss(lab: LabHandle) -> None:
    lab.fault("power-loss")
    assert {state["container"] for state in lab.states() if state["role"] == "node"} == {"exited"}
    lab.fault("heal")
    lab.wait_online()


def test_fencing_devices_require_the_password(lab: LabHandle) -> None:
    node = lab.node("controller01")
    address = next(state["address"] for state in lab.states() if state["role"] == "bmc")
    url = f"https://{address}/redfish/v1/Systems"
    curl = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"]

    def status(*args: str) -> str:
        return node.run([*curl, *args]).text

    password = node.run(["/etc/pacemaker/bmc-password"]).text.strip()
    login = ["-u", f"fence:{password}"]
    assert status(*login, f"{url}/controller01") == "200"
    assert status(f"{url}/controller01") == "401"
    assert status("-u", "fence:wrong", f"{url}/controller01") == "401"
    # The container of the fencing devices, an unknown one, and a path traversal.
    for other in ("bmc", "controller99", "..%2F..", "controller01/../bmc"):
        assert status("--path-as-is", *login, f"{url}/{other}") == "404"
    reset = f"{url}/controller01/Actions/ComputerSystem.Reset"
    assert status(*login, "-d", '{"ResetType": "Nmi"}', reset) == "400"
    assert status(*login, "-d", "no json", reset) == "400"


def test_password_is_not_in_the_cib_or_in_logs(lab: LabHandle) -> None:
    node = lab.node("controller01")
    password = node.run(["/etc/pacemaker/bmc-password"]).text.strip()
    assert password
    assert node.run(["stat", "-c", "%a %U", "/etc/pacemaker/bmc-password"]).text.strip() == "700 root"
    places = ["/var/lib/pacemaker", "/var/log", "/run/log", "/etc/corosync"]
    assert node.run(["grep", "-rlF", "-e", password, *places], ok=(0, 1, 2)).text == ""


def test_exec_runs_a_command_on_a_node(lab: LabHandle) -> None:
    result = pcs_os("lab", "exec", "--name", lab.name, "controller02", "--", "hostname")
    assert result.stdout == "controller02\n"


def test_unknown_name_is_reported_with_the_known_ones(lab: LabHandle) -> None:
    result = pcs_os("lab", "fault", "kill", "--name", lab.name, "controller9", ok=(1,))
    assert "its nodes are controller01, controller02, controller03" in result.stderr
    result = pcs_os("lab", "fault", "heal", "--name", "no-such-lab", ok=(1,))
    assert "lab 'no-such-lab' does not exist" in result.stderr


def test_fencing_is_not_reported_until_the_node_is_off(lab: LabHandle) -> None:
    """Without its fencing devices the lab cannot fence: the node stays UNCLEAN until they are back."""
    lab.engine.containers.get(f"{lab.name}-bmc").stop(timeout=1)
    try:
        lab.fault("kill", "controller03")
        wait_until("controller03 is offline", lambda: "controller03" not in lab.online("controller01"))
        assert lab.unclean("controller01") == {"controller03"}
    finally:
        pcs_os("lab", "fault", "heal", "--name", lab.name)
        lab.engine.containers.get(f"{lab.name}-bmc").start()
    lab.wait_online()
