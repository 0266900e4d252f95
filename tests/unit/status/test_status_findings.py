"""Findings: causes rather than their consequences, each with the next command."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from states import NODES, clone, codes, promotable, service, state

from pacemaker_os.cib.overrides import Override
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.findings.services import failure_reasons
from pacemaker_os.status.reason import Reason
from pacemaker_os.status.values import Drift, Fencing, Node

UNCLEAN = (NODES[0], NODES[1], Node(name="n3", state="unclean", online=False))
OFFLINE = (NODES[0], NODES[1], Node(name="n3", state="offline", online=False))
WHY = Failure(
    resource="vip",
    task="start",
    node="n2",
    status="not installed",
    reason="nic eth9 is not there",
    when="2026-01-02T03:04:05+00:00",
)


def test_every_code_is_documented() -> None:
    root = Path(__file__).parents[3]
    sources = (root / "pacemaker_os/status/findings").glob("*.py")
    codes_in_source = {
        code for path in sources for code in re.findall(r'code=f?"([a-z-]+)', path.read_text())
    }
    page = (root / "docs/status.md").read_text()
    documented = re.findall(r"^\| ([a-z-]+)(?:\.\.\.)? \|", page.partition("### Findings")[2], re.MULTILINE)
    assert sorted(codes_in_source) == sorted(set(documented))


def test_healthy_cluster_has_no_findings() -> None:
    assert codes() == []


def test_stopped_service_is_reported_with_the_exit_reason() -> None:
    (found,) = state(services=(service("vip"),), failures=(WHY,)).findings
    assert (found.code, found.severity) == ("service-stopped", "critical")
    assert found.reason.startswith("start on n2: nic eth9 is not there (not installed), ")
    assert found.command == ("crm_resource", "--cleanup", "--resource", "vip")


def test_stopped_service_without_a_known_cause_says_so() -> None:
    (found,) = state(services=(service("vip"),)).findings
    assert found.advice == "the cause is unknown; for the scheduler's scores, run:"
    assert found.command == ("crm_simulate", "--live-check", "--show-scores")


def test_stopped_service_names_the_reason_and_the_command_that_resolves_it() -> None:
    reason = Reason(text="the ticket t is not granted", advice="run:", command=("crm_ticket", "-t", "t"))
    (found,) = state(services=(service("vip"),), reasons={"vip": reason}).findings
    assert found.text == "vip is stopped: the ticket t is not granted"
    assert found.command == ("crm_ticket", "-t", "t")


def test_dependent_services_are_reported_with_the_service_they_depend_on() -> None:
    down = (
        service("db"),
        service("api", needs=("db",)),
        service("ui", needs=("api",)),
        service("vip", "n1"),
    )
    (found,) = state(services=down).findings
    assert found.text == "db is stopped; these services depend on it: api, ui"


def test_every_service_of_a_dependency_cycle_is_reported() -> None:
    down = (service("a", needs=("b",)), service("b", needs=("a",)))
    assert codes(services=down) == ["service-stopped", "service-stopped"]


def test_service_that_depends_on_a_disabled_service_names_it() -> None:
    down = (service("db", target_role="Stopped"), service("api", needs=("db",)))
    (found,) = state(services=down).findings
    assert found.text == "api waits for db, which is stopped by its target-role"


def test_service_that_waits_for_an_override_names_the_command_that_removes_it() -> None:
    down = (service("db", target_role="Stopped"), service("api", needs=("db",)))
    found = state(services=down, overrides=(Override(kind="stopped", what="db"),)).findings[0]
    assert found.command == (
        *("crm_resource", "--resource", "db"),
        *("--meta", "--delete-parameter", "target-role"),
    )


def test_service_stopped_by_target_role_is_not_a_finding() -> None:
    assert codes(services=(service("vip", target_role="Stopped"),)) == []


def test_services_that_wait_for_a_starting_service_are_named_once() -> None:
    down = (service("db", pending=("Starting",)), service("api", needs=("db",)))
    (found,) = state(services=down).findings
    assert (found.code, found.severity) == ("service-starting", "warning")
    assert found.text == "db is starting; api waits for this"


def test_unmanaged_service_that_is_down_names_those_that_depend_on_it() -> None:
    down = (service("db", managed=False), service("api", needs=("db",)))
    found = state(services=down, overrides=(Override(kind="unmanaged", what="db"),)).findings[0]
    assert found.text == (
        "db is down; it is unmanaged, so that the cluster does not start it; these services depend on it: api"
    )
    assert found.command == (
        *("crm_resource", "--resource", "db"),
        *("--meta", "--delete-parameter", "is-managed"),
    )


def test_services_on_an_unclean_node_hang() -> None:
    found = state(nodes=UNCLEAN, services=(service("vip", "n3"), service("db", "n1"))).findings
    assert [each.code for each in found] == ["node-unclean", "service-hanging"]
    assert found[1].text == "vip hangs on n3 until that node is fenced"


def test_orphan_that_the_cluster_keeps_names_the_property() -> None:
    (found,) = state(services=(service("old", "n1", orphaned=True),), keeps_orphans=True).findings
    assert found.command == ("crm_attribute", "--name", "stop-orphan-resources", "--delete")


def test_lost_quorum_is_the_common_reason_of_stopped_services() -> None:
    found = state(quorum=False, nodes=(NODES[0], *OFFLINE[2:]), services=(service("a"), service("b")))
    assert [each.code for each in found.findings] == ["no-quorum", "services-stopped", "node-offline"]
    assert found.findings[1].text == "2 services are stopped: no quorum"


def test_unclean_node_with_fencing_shows_the_fencing_history() -> None:
    found = state(nodes=UNCLEAN).findings[0]
    assert found.command == ("stonith_admin", "--history", "n3", "--verbose")


@pytest.mark.parametrize(
    ("changes", "cause"),
    [({"fencing": False}, "fencing is disabled"), ({"devices": 0}, "no fencing device is configured")],
)
def test_unclean_node_without_fencing_must_be_confirmed(changes: dict[str, Any], cause: str) -> None:
    found = state(nodes=UNCLEAN, **changes).findings[0]
    assert found.code == "node-unclean"
    assert found.advice == (
        f"the cluster cannot power the node off because {cause}. "
        "Verify that the node is off before you confirm it; a false confirmation can corrupt data:"
    )
    assert found.command == ("stonith_admin", "--confirm", "n3")


def test_disabled_fencing_is_reported() -> None:
    (found,) = state(fencing=False).findings
    assert found.text.startswith("fencing is disabled: a hung node can keep writing to data")


def test_offline_node_is_reported() -> None:
    assert codes(nodes=OFFLINE) == ["node-offline"]


def test_fencing_without_devices_is_the_common_reason_of_stopped_services() -> None:
    found = state(devices=0, services=(service("a"), service("b"))).findings
    assert [each.code for each in found] == ["services-stopped", "fencing-no-device"]


def test_only_the_latest_fencing_of_a_node_is_reported() -> None:
    good = Fencing(target="n3", action="reboot", status="success", device="f")
    bad = replace(good, status="failed", reason="no answer")
    assert codes(fenced=(good, bad)) == ["fenced"]
    assert codes(fenced=(bad, good)) == ["fencing-failed"]
    assert codes(fenced=(replace(good, status="pending"),)) == ["fencing-pending"]


def test_recovered_failure_names_excluded_nodes() -> None:
    failures = tuple(replace(WHY, resource="lb", node=node, count=3, threshold=3) for node in ("n1", "n2"))
    failures = tuple(replace(each, resource="vip") for each in failures)
    (found,) = state(failures=failures, services=(service("vip", "n3"),)).findings
    assert found.severity == "warning"
    assert found.text == (
        "vip failed 6 times on n[1-2] (start) and recovered; n[1-2] are excluded until you clear the failure"
    )


def test_clone_that_failed_on_some_nodes_runs_on_the_others() -> None:
    failures = tuple(replace(WHY, resource="lb", node=node) for node in ("n1", "n2"))
    (found,) = state(failures=failures, services=(clone("lb", "n3"),)).findings
    assert (found.code, found.severity) == ("service-partial", "warning")
    assert found.text == "lb runs on 1 of 3 nodes; failed on n[1-2] and is not retried there"
    assert found.reason.startswith("start on n[1-2]: nic eth9 is not there")


def test_blocked_service_is_reported() -> None:
    assert codes(services=(service("vip", "n1", blocked=True),)) == ["service-blocked"]


def test_orphaned_service_is_reported() -> None:
    assert codes(services=(service("vip", "n1", orphaned=True),)) == ["service-orphaned"]


def test_promotable_service_without_a_promoted_instance_is_reported() -> None:
    assert codes(services=(promotable("db", "", "n1 n2"),)) == ["service-not-promoted"]
    assert codes(services=(promotable("db", "n1", "n2"),)) == []


def test_drift_names_changed_attributes_and_removed_objects() -> None:
    drift = Drift(
        document="site", objects=9, removed=("order o",), changed=(("primitive vip", ("params.ip",)),)
    )
    (found,) = state(documents=(drift,)).findings
    assert found.text == (
        "drift: primitive vip (params.ip) changed and order o removed after site was applied"
    )
    assert found.command == ("pcs-os", "plan", "DOC")


def test_drift_names_the_files_of_the_last_apply() -> None:
    drift = Drift(document="site", objects=9, removed=("order o",), files=("a.cib.yaml", "b.cib.yaml"))
    (found,) = state(documents=(drift,)).findings
    assert found.command == ("pcs-os", "plan", "a.cib.yaml", "b.cib.yaml")
    assert "where these files are" in found.advice


def test_documents_without_objects_are_one_finding_below_all_others() -> None:
    lost = [Drift(document=f"d{number}", objects=1, removed=("primitive x",)) for number in range(11)]
    drift = Drift(document="site", objects=2, removed=("primitive y",))
    found = state(nodes=OFFLINE, documents=(*lost, drift)).findings
    assert [each.code for each in found][-2:] == ["drift", "documents-gone"]
    assert found[-1].text == (
        "drift: every object of 11 documents (d0, d1, d2, d3 and 7 more) is gone from the cluster"
    )
    assert found[-1].command == ("pcs-os", "forget", *(f"d{number}" for number in range(11)))


def test_one_document_without_objects_is_a_finding_with_its_name() -> None:
    (found,) = state(documents=(Drift(document="site", objects=1, removed=("primitive x",)),)).findings
    assert found.text == "drift: every object of site is gone from the cluster"
    assert found.severity == "warning"


def test_document_without_drift_is_not_a_finding() -> None:
    assert codes(documents=(Drift(document="site", objects=9, unknown=2),)) == []


def test_cib_file_without_status_has_no_findings() -> None:
    nodes = tuple(replace(node, state="unknown", online=False) for node in NODES)
    assert codes(nodes=nodes, quorum=False, services=(service("vip"),)) == []


def test_findings_are_sorted_by_severity() -> None:
    found = state(
        nodes=OFFLINE, services=(service("vip"),), documents=(Drift(document="d", objects=1, removed=("x",)),)
    )
    assert [each.severity for each in found.findings] == ["critical", "warning", "warning"]


def test_equal_exit_reasons_of_several_nodes_are_combined() -> None:
    failures = [replace(WHY, node=node, reason="no nic", when="") for node in ("n1", "n2", "n3")]
    failures.append(replace(WHY, task="stop", node="n1", reason="", status="error", when=""))
    assert failure_reasons(failures) == "start on n[1-3]: no nic (not installed); stop on n1: error"


def test_degraded_service_is_reported_with_the_exit_reason() -> None:
    report = Failure("vip", "monitor", "n1", "degraded", "one replica of two is behind", degraded=True)
    found = state(services=(service("vip", "n1", degraded=True),), failures=(report,)).findings
    assert [(each.code, each.severity) for each in found] == [("service-degraded", "warning")]
    assert found[0].text == "vip is degraded on n1 (running, but its monitor reports a problem)"
    assert found[0].reason == "monitor on n1: one replica of two is behind"
