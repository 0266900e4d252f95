"""What is found in a state: causes before what follows from them, and a command for each."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from states import NODES, clone, codes, promotable, service, state

from pacemaker_os.plan.failures import Failure
from pacemaker_os.status.findings.services import words
from pacemaker_os.status.values import Drift, Fencing, Node

LOST = (NODES[0], NODES[1], Node(name="n3", state="unclean", online=False))
GONE = (NODES[0], NODES[1], Node(name="n3", state="offline", online=False))
WHY = Failure(
    resource="vip",
    task="start",
    node="n2",
    status="not installed",
    reason="nic eth9 is not there",
    when="2026-01-02T03:04:05+00:00",
)


def test_every_code_is_in_the_documentation() -> None:
    root = Path(__file__).parents[3]
    sources = (root / "pacemaker_os/status/findings").glob("*.py")
    said = {code for path in sources for code in re.findall(r'code=f?"([a-z-]+)', path.read_text())}
    page = (root / "docs/status.md").read_text()
    shown = re.findall(r"^\| ([a-z-]+)(?:\.\.\.)? \|", page.partition("### What is found")[2], re.MULTILINE)
    assert sorted(said) == sorted(set(shown) - {"code"})


def test_nothing_is_found_where_all_is_well() -> None:
    assert codes() == []


def test_service_that_does_not_run_is_told_with_the_agent_s_words() -> None:
    (found,) = state(services=(service("vip"),), failures=(WHY,)).findings
    assert (found.code, found.severity) == ("service-stopped", "critical")
    assert found.reason.startswith("start on n2: nic eth9 is not there (not installed), ")
    assert found.command == ("crm_resource", "--cleanup", "--resource", "vip")


def test_service_that_does_not_run_for_no_known_reason_is_asked_about() -> None:
    (found,) = state(services=(service("vip"),)).findings
    assert found.command == ("crm_resource", "--why", "--resource", "vip")


def test_what_waits_is_told_with_what_it_waits_for() -> None:
    down = (
        service("db"),
        service("api", needs=("db",)),
        service("ui", needs=("api",)),
        service("vip", "n1"),
    )
    (found,) = state(services=down).findings
    assert found.text == "db does not run, and for it wait: api, ui"


def test_circle_of_services_that_wait_is_told() -> None:
    down = (service("a", needs=("b",)), service("b", needs=("a",)))
    assert codes(services=down) == ["service-stopped", "service-stopped"]


def test_what_needs_a_service_that_was_told_to_stop_says_so() -> None:
    down = (service("db", target_role="Stopped"), service("api", needs=("db",)))
    (found,) = state(services=down).findings
    assert (found.advice, found.command) == ("it needs db, which somebody told to stop", ())


def test_service_told_to_stop_is_not_missed() -> None:
    assert codes(services=(service("vip", target_role="Stopped"),)) == []


def test_service_that_starts_is_not_missed() -> None:
    assert codes(services=(service("vip", pending=("Starting",)),)) == []


def test_without_quorum_there_is_one_reason_for_all() -> None:
    found = state(quorum=False, nodes=(NODES[0], *GONE[2:]), services=(service("a"), service("b")))
    assert [each.code for each in found.findings] == ["no-quorum", "services-stopped", "node-offline"]
    assert found.findings[1].text == "2 services do not run: there is no quorum"


def test_lost_node_with_fencing() -> None:
    (found,) = state(nodes=LOST).findings
    assert found.command == ("stonith_admin", "--history", "n3", "--verbose")


def test_lost_node_that_nothing_can_switch_off() -> None:
    found = state(nodes=LOST, fencing=False).findings
    assert [each.code for each in found] == ["node-unclean", "fencing-off"]
    assert "Make sure yourself that it is off" in found[0].advice
    assert found[0].command == ("stonith_admin", "--confirm", "n3")


def test_node_that_is_gone() -> None:
    assert codes(nodes=GONE) == ["node-offline"]


def test_fencing_without_devices_stops_everything() -> None:
    found = state(devices=0, services=(service("a"), service("b"))).findings
    assert [each.code for each in found] == ["services-stopped", "fencing-no-device"]


def test_only_the_last_fencing_of_a_node_counts() -> None:
    good = Fencing(target="n3", action="reboot", status="success", device="f")
    bad = replace(good, status="failed", reason="no answer")
    assert codes(fenced=(good, bad)) == ["fenced"]
    assert codes(fenced=(bad, good)) == ["fencing-failed"]
    assert codes(fenced=(replace(good, status="pending"),)) == ["fencing-pending"]


def test_failure_that_the_cluster_dealt_with() -> None:
    failures = tuple(replace(WHY, resource="lb", node=node, count=3, threshold=3) for node in ("n1", "n2"))
    (found,) = state(failures=failures, services=(clone("lb", "n3"),)).findings
    assert found.severity == "warning"
    assert found.text == (
        "lb failed 6 times on n[1-2] (start), and runs again; "
        "it may not run on n[1-2] until that is cleaned up"
    )


def test_blocked_service() -> None:
    assert codes(services=(service("vip", "n1", blocked=True),)) == ["service-blocked"]


def test_orphan() -> None:
    assert codes(services=(service("vip", "n1", orphaned=True),)) == ["service-orphaned"]


def test_promoted_nowhere() -> None:
    assert codes(services=(promotable("db", "", "n1 n2"),)) == ["service-not-promoted"]
    assert codes(services=(promotable("db", "n1", "n2"),)) == []


def test_drift_names_the_places() -> None:
    drift = Drift(
        document="site", objects=9, removed=("order o",), changed=(("primitive vip", ("params.ip",)),)
    )
    (found,) = state(documents=(drift,)).findings
    assert found.text == (
        "somebody changed primitive vip (params.ip) and removed order o since site was applied"
    )
    assert found.command == ("pcs-os", "plan", "site.cib.yaml")


def test_document_as_applied_is_no_finding() -> None:
    assert codes(documents=(Drift(document="site", objects=9, unknown=2),)) == []


def test_file_in_which_nothing_ever_ran() -> None:
    nodes = tuple(replace(node, state="unknown", online=False) for node in NODES)
    assert codes(nodes=nodes, quorum=False, services=(service("vip"),)) == []


def test_the_worst_comes_first() -> None:
    found = state(
        nodes=GONE, services=(service("vip"),), documents=(Drift(document="d", objects=1, removed=("x",)),)
    )
    assert [each.severity for each in found.findings] == ["critical", "warning", "warning"]


def test_what_agents_say_on_several_nodes_is_told_once() -> None:
    failures = [replace(WHY, node=node, reason="no nic", when="") for node in ("n1", "n2", "n3")]
    failures.append(replace(WHY, task="stop", node="n1", reason="", status="error", when=""))
    assert words(failures) == "start on n[1-3]: no nic (not installed); stop on n1: error"


def test_degraded_is_told_with_the_agents_words_and_is_no_failure() -> None:
    poor = Failure("vip", "monitor", "n1", "degraded", "one replica of two is behind", degraded=True)
    found = state(services=(service("vip", "n1", degraded=True),), failures=(poor,)).findings
    assert [(each.code, each.severity) for each in found] == [("service-degraded", "warning")]
    assert found[0].text == "vip is degraded on n1: it serves, less than well"
    assert found[0].reason == "monitor on n1: one replica of two is behind"
