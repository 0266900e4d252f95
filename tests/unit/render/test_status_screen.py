"""The text view of the cluster status."""

from __future__ import annotations

from dataclasses import replace

import pytest
from states import NODES, clone, promotable, service, state

from pacemaker_os.cib.overrides import Override
from pacemaker_os.cluster import Target
from pacemaker_os.cluster.observe.watch_state import Observation
from pacemaker_os.render.status.commands import next_step, shell_command
from pacemaker_os.render.status.screen import status_lines
from pacemaker_os.render.status.watch import screen
from pacemaker_os.status.changes import Change
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import Drift, State

HERE = Target()
WHY = Failure(resource="vip", task="start", node="n2", status="not installed", reason="no nic " * 20)
BAD = state(
    nodes=(*NODES[:2], replace(NODES[2], state="offline", online=False)),
    services=(service("vip"), clone("lb", "n1", "n2"), promotable("galera", "n1", "n2")),
    failures=(WHY,),
    overrides=(Override(kind="ban", what="vip", node="n1"),),
    documents=(Drift(document="site", objects=9, changed=(("primitive vip", ("params.ip",)),), unknown=3),),
)


def text(shown: State, width: int = 80, target: Target = HERE, **options: int) -> list[str]:
    return [line.plain for line in status_lines(shown, target, width, **options)]


def test_status_without_problems_lists_nodes_and_services() -> None:
    assert text(state(services=(service("vip", "n1"), clone("lb"), promotable("galera", "n1 n2 n3")))) == [
        "Cluster lab  (Pacemaker 3.0.0, CIB 0.42.7)",
        "3 of 3 nodes online, quorum, fencing on, 3 of 3 services run: no problems",
        "",
        "Nodes",
        "  n1  online      0 running",
        "  n2  online      0 running",
        "  n3  online      0 running",
        "",
        "Services",
        "  vip     Started n1                      ocf:heartbeat:IPaddr2",
        "  lb      Started n[1-3]                  systemd:haproxy",
        "  galera  Promoted n[1-3]                 ocf:pacemaker-os:galera",
    ]


def test_problems_come_first_with_commands() -> None:
    lines = text(BAD)
    assert lines[1] == "2 of 3 nodes online, quorum, fencing on, 2 of 3 services run"
    assert lines[3:5] == ["Problems", "  ! vip is stopped"]
    assert "      after you fix the cause, run: crm_resource --cleanup --resource vip" in lines
    assert "Notices" in lines
    assert "      to remove the override, run: crm_resource --clear --resource vip --node n1" in lines
    assert lines.index("Problems") < lines.index("Notices") < lines.index("Nodes")
    assert lines[-1] == "  site: 9 objects, 5 unchanged, 1 changed, 3 without apply history"


def test_status_fits_the_width() -> None:
    assert max(map(len, text(BAD, 60)[:-1])) <= 60


def test_many_equal_services_share_a_line() -> None:
    equal = tuple(clone(f"service-{number}") for number in range(30))
    lines = text(state(services=(*equal, service("vip"), service("other", "n2"))))
    assert any(line.split() == ["vip", "Stopped", "ocf:heartbeat:IPaddr2"] for line in lines)
    assert "  Started n[1-3]  (30)" in lines
    assert "  Started n2" in lines
    assert len(text(state(services=equal), many=100)) > len(text(state(services=equal)))


def test_file_without_status_has_no_node_states() -> None:
    unknown = tuple(replace(node, state="unknown", online=False) for node in NODES)
    lines = text(state(nodes=unknown, quorum=False, dc="", version="", services=(service("vip"),)))
    assert lines[:2] == ["Cluster lab  (CIB 0.42.7)", "3 nodes, 1 service; no status"]


def test_status_of_empty_cluster_says_none() -> None:
    assert "  none" in text(state(nodes=(), services=()))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target(), "crm_resource --why"),
        (Target(container="lab-n1"), "docker exec lab-n1 crm_resource --why"),
        (Target(ssh="root@n1"), "ssh root@n1 'crm_resource --why'"),
        (Target(cib_file="/tmp/my cib.xml"), "CIB_file='/tmp/my cib.xml' crm_resource --why"),
    ],
)
def test_shell_command_adds_the_target(target: Target, expected: str) -> None:
    assert shell_command(("crm_resource", "--why"), target) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target(), "systemctl start pacemaker"),
        (Target(container="lab-n1"), "docker exec lab-n3 systemctl start pacemaker"),
        (Target(container="other"), "systemctl start pacemaker"),
        (Target(ssh="root@n1"), "ssh root@n3 'systemctl start pacemaker'"),
        (Target(ssh="root@10.0.0.1"), "systemctl start pacemaker"),
    ],
)
def test_next_step_for_a_node_runs_there(target: Target, expected: str) -> None:
    (offline,) = (each for each in BAD.findings if each.code == "node-offline")
    advice = "after you fix the cause, run on n3:"
    assert next_step(offline, target, ["n1", "n2", "n3"]) == (advice, expected)


def test_lines_of_a_log_are_shown_below_the_finding() -> None:
    finding = Finding(code="x", severity="warning", subject="vip", text="vip failed", lines=("bind: in use",))
    lines = text(replace(BAD, findings=(finding,)))
    assert lines[lines.index("  ~ vip failed") + 1] == "      | bind: in use"


def test_shell_command_pcs_os_gets_target_options() -> None:
    assert shell_command(("pcs-os", "plan", "x.yaml"), Target(ssh="n1")) == "pcs-os plan --ssh n1 x.yaml"


def test_screen_shows_recent_changes_and_fits() -> None:
    recent = [Change("2026-01-02T03:04:05+00:00", "critical", "n3: online -> unclean")]
    observation = Observation(BAD, (), "n1 does not respond")
    lines = [line.plain for line in screen(observation, recent, HERE, 80, 24)]
    assert len(lines) <= 24
    assert lines[-1].endswith("n3: online -> unclean")
    assert lines[-2] == "  ! cannot read the cluster status since then: n1 does not respond"
    assert any("more lines; run: pcs-os status" in line for line in lines)


def test_status_of_a_file_without_status_says_unknown() -> None:
    nodes = tuple(replace(node, state="unknown", online=False) for node in NODES)
    lines = text(state(nodes=nodes, services=(service("vip"),)))
    row = next(line for line in lines if line.startswith("  vip "))
    assert row.split()[1] == "unknown"
