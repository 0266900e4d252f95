"""A lab of three nodes: idempotent, and its fencing is real."""

from __future__ import annotations

import time

import pytest
from lab_handle import LabHandle, pcs_os, wait_until

pytestmark = pytest.mark.cluster

#: Seconds in which a lost node must be fenced.
FENCED = 8.0


def test_up_again_changes_nothing_and_is_quick(lab: LabHandle) -> None:
    first = lab.node(lab.nodes[0])
    before = first.run(["cibadmin", "--query", "--scope", "configuration"]).stdout
    started = [lab.started_at(node) for node in lab.nodes]
    begin = time.monotonic()
    pcs_os("lab", "up", "--name", lab.name)
    assert time.monotonic() - begin < 20
    assert first.run(["cibadmin", "--query", "--scope", "configuration"]).stdout == before
    assert [lab.started_at(node) for node in lab.nodes] == started


def test_a_killed_node_is_fenced_and_comes_back(lab: LabHandle) -> None:
    assert lab.quickest_fencing("controller02", "kill", FENCED) < FENCED
    history = lab.node("controller01").run(["stonith_admin", "--history", "controller02"]).text
    assert "controller02" in history


def test_a_frozen_node_is_fenced_and_comes_back(lab: LabHandle) -> None:
    assert lab.quickest_fencing("controller01", "pause", FENCED) < FENCED


def test_a_node_that_is_cut_off_is_fenced_and_comes_back(lab: LabHandle) -> None:
    assert lab.quickest_fencing("controller03", "partition", FENCED) < FENCED


def test_a_node_without_corosync_is_fenced_and_comes_back(lab: LabHandle) -> None:
    lab.seconds_until_fenced(
        "controller02", lambda: lab.fault("stop-daemon", "controller02", "--daemon", "corosync")
    )
    lab.wait_online()


def test_all_come_back_after_a_power_loss(lab: LabHandle) -> None:
    lab.fault("power-loss")
    assert {state["container"] for state in lab.states() if state["role"] == "node"} == {"exited"}
    lab.fault("heal")
    lab.wait_online()


def test_the_switches_let_nobody_in_without_the_password(lab: LabHandle) -> None:
    node = lab.node("controller01")
    address = next(state["address"] for state in lab.states() if state["role"] == "bmc")
    url = f"https://{address}/redfish/v1/Systems"
    ask = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"]

    def status(*words: str) -> str:
        return node.run([*ask, *words]).text

    password = node.run(["/etc/pacemaker/bmc-password"]).text.strip()
    good = ["-u", f"fence:{password}"]
    assert status(*good, f"{url}/controller01") == "200"
    assert status(f"{url}/controller01") == "401"
    assert status("-u", "fence:wrong", f"{url}/controller01") == "401"
    # The switches' own container, one that is not there, and a way out of the path.
    for other in ("bmc", "controller99", "..%2F..", "controller01/../bmc"):
        assert status("--path-as-is", *good, f"{url}/{other}") == "404"
    reset = f"{url}/controller01/Actions/ComputerSystem.Reset"
    assert status(*good, "-d", '{"ResetType": "Nmi"}', reset) == "400"
    assert status(*good, "-d", "no json", reset) == "400"


def test_the_password_is_in_no_cib_and_no_log(lab: LabHandle) -> None:
    node = lab.node("controller01")
    password = node.run(["/etc/pacemaker/bmc-password"]).text.strip()
    assert password
    assert node.run(["stat", "-c", "%a %U", "/etc/pacemaker/bmc-password"]).text.strip() == "700 root"
    places = ["/var/lib/pacemaker", "/var/log", "/run/log", "/etc/corosync"]
    assert node.run(["grep", "-rlF", "-e", password, *places], ok=(0, 1, 2)).text == ""


def test_a_command_runs_on_a_node(lab: LabHandle) -> None:
    said = pcs_os("lab", "exec", "--name", lab.name, "controller02", "--", "hostname")
    assert said.stdout == "controller02\n"


def test_names_that_are_not_known_are_told_with_those_that_are(lab: LabHandle) -> None:
    said = pcs_os("lab", "fault", "kill", "--name", lab.name, "controller9", ok=(1,))
    assert "its nodes are controller01, controller02, controller03" in said.stderr
    said = pcs_os("lab", "fault", "heal", "--name", "no-such-lab", ok=(1,))
    assert "lab 'no-such-lab' does not exist" in said.stderr


def test_the_fencing_of_a_node_that_stays_dead_is_not_pretended(lab: LabHandle) -> None:
    """Without its switches the lab cannot fence: the node is unclean, not fenced, until they are back."""
    lab.engine.containers.get(f"{lab.name}-bmc").stop(timeout=1)
    try:
        lab.fault("kill", "controller03")
        wait_until("controller03 is lost", lambda: "controller03" not in lab.online("controller01"))
        assert lab.unclean("controller01") == {"controller03"}
    finally:
        pcs_os("lab", "fault", "heal", "--name", lab.name)
        lab.engine.containers.get(f"{lab.name}-bmc").start()
    lab.wait_online()
