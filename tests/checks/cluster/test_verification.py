"""What Pacemaker itself says about documents: in plans, applies, checks, validations and status."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pacemaker_os.cluster.planning.verify import verify_document
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.document import Source, read
from pacemaker_os.transport.local import LocalTransport

pytestmark = pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")

ROOT = Path(__file__).parents[3]
CASES = yaml.safe_load((ROOT / "tests/cases/plan/verification.yaml").read_text())
SHIPPED = sorted((ROOT / "cib").glob("*.cib.yaml"))
CIB = """
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config/>
    <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/><node id="3" uname="n3"/></nodes>
    <resources><primitive id="fence" class="stonith" type="fence_x"/></resources>
    <constraints/>
  </configuration>
  <status/>
</cib>
"""
PROMOTABLE = CASES["A promotable clone of a systemd resource is ignored"]["document"]


@pytest.fixture
def cib(tmp_path: Path) -> Path:
    path = tmp_path / "cib.xml"
    path.write_text(CIB)
    return path


@pytest.fixture
def promotable(tmp_path: Path) -> Path:
    path = tmp_path / "web.cib.yaml"
    path.write_text(PROMOTABLE)
    return path


def run(*args: object, status: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pacemaker_os", *map(str, args)], capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def shown(found: list[dict[str, Any]]) -> list[tuple[str, str, int, str]]:
    """Return level, object, line and text of messages."""
    return [
        (each["level"], each["object"], int(each["origin"].rsplit(":", 2)[1]) if each["origin"] else 0, text)
        for each in found
        if (text := each["text"])
    ]


@pytest.mark.parametrize("name", CASES)
def test_plan_shows_messages_and_apply_rejects_errors(name: str, cib: Path, tmp_path: Path) -> None:
    expected = CASES[name]["messages"]
    document = tmp_path / "case.cib.yaml"
    document.write_text(CASES[name]["document"])
    plan = json.loads(run("plan", "--json", "--cib-file", cib, document, status=2))
    found = shown(plan["verification"])
    assert [each[:3] for each in found] == [tuple(each[:3]) for each in expected]
    assert [text for (*_, text), (*_, part) in zip(found, expected, strict=True) if part not in text] == []
    assert all(each["new"] for each in plan["verification"])
    refused = any(level == "error" for level, *_ in expected)
    output = run("apply", "--yes", "--cib-file", cib, document, status=4 if refused else 0)
    assert ("--allow-invalid" in output) == refused


def test_apply_of_an_allowed_error_leaves_it_in_the_status(cib: Path, promotable: Path) -> None:
    run("apply", "--yes", "--allow-invalid", "other", "--cib-file", cib, promotable, status=4)
    assert cib.read_text() == CIB
    run("apply", "--yes", "--allow-invalid", "web-clone", "--cib-file", cib, promotable, status=0)
    state = json.loads(run("status", "--json", "--cib-file", cib, status=0))
    assert [each[:3] for each in shown(state["verification"])] == [("error", "web", 2), ("error", "web", 2)]
    assert {each["code"] for each in state["findings"]} >= {"configuration-error"}
    again = json.loads(run("plan", "--json", "--cib-file", cib, promotable, status=0))
    assert [each["new"] for each in again["verification"]] == [False, False]
    assert "already in the cluster" in run("plan", "--cib-file", cib, promotable, status=0)


def test_error_that_is_already_in_the_cluster_does_not_refuse_an_apply(cib: Path, promotable: Path) -> None:
    run("apply", "--yes", "--allow-invalid", "web", "--cib-file", cib, promotable, status=0)
    promotable.write_text(PROMOTABLE + '  db: {agent: "ocf:pacemaker:Dummy"}\n')
    run("apply", "--yes", "--cib-file", cib, promotable, status=0)


def test_saved_plan_keeps_positions_and_is_rejected(cib: Path, promotable: Path, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    run("plan", "-o", saved, "--cib-file", cib, promotable, status=2)
    output = run("apply", "--yes", "--plan", saved, "--cib-file", cib, status=4)
    assert f"{promotable}:2:3: Ignoring <clone> resource 'web-clone'" in output


def test_check_with_an_error_of_pacemaker_fails(cib: Path, promotable: Path) -> None:
    output = run("check", "--cib-file", cib, promotable, status=5)
    assert "FAILED: Pacemaker finds 2 errors" in output
    report = json.loads(run("check", "--json", "--cib-file", cib, promotable, status=5))
    assert [each["origin"] for each in report["verification"]] == [f"{promotable}:2:3"] * 2


def test_validate_reports_errors_of_pacemaker_at_their_line(promotable: Path) -> None:
    output = run("validate", promotable, status=1)
    assert f"{promotable}:2:3: Pacemaker: Ignoring <clone> resource 'web-clone'" in output
    report = json.loads(run("validate", "--json", promotable, status=1))
    assert [each["object"] for each in report["verification"]] == ["web", "web"]


def test_names_of_other_documents_stand_for_resources() -> None:
    text = 'uses: [db]\nresources: {web: {agent: "ocf:pacemaker:Dummy"}}\norder: [db then web]\n'
    document = read([Source("web.cib.yaml", text)])
    assert verify_document(Scheduler(LocalTransport()), document) == ()


@pytest.mark.parametrize("document", SHIPPED, ids=lambda path: path.name)
def test_first_apply_of_a_shipped_document_is_not_rejected(document: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.xml"
    plan = json.loads(run("plan", "--json", "--cib-file", path, document, status=2))
    assert [each for each in plan["verification"] if each["level"] == "error"] == []


def test_plan_with_names_that_are_no_xml_names_is_simulated(cib: Path, tmp_path: Path) -> None:
    document = tmp_path / "odd.cib.yaml"
    document.write_text('resources: {db: {agent: "ocf:pacemaker:Dummy", meta: {"a b": 1}}}\n')
    plan = json.loads(run("plan", "--json", "--cib-file", cib, document, status=2))
    assert [(each["verb"], each["resource"]) for each in plan["effects"]] == [("start", "db")]


def test_check_of_a_bundle_with_a_replica_on_each_node_succeeds(cib: Path, tmp_path: Path) -> None:
    document = tmp_path / "box.cib.yaml"
    document.write_text(
        "resources: {box: {bundle: {podman: {image: i, replicas: 3}, network: {control-port: 3121}},"
        ' primitive: {web: {agent: "ocf:pacemaker:Dummy"}}}}\n'
    )
    assert "every service survives" in run("check", "--cib-file", cib, document, status=0)


def test_plan_names_the_line_of_what_the_schema_rejects(cib: Path, tmp_path: Path) -> None:
    document = tmp_path / "acl.cib.yaml"
    document.write_text("acls:\n  roles:\n    observer: {permissions: [{kind: read}]}\n")
    assert f"{document}:3:30: ACL permission requires exactly one of" in run(
        "plan", "--cib-file", cib, document, status=1
    )
    document.write_text('resources: {"a b": {agent: "ocf:pacemaker:Dummy"}}\n')
    output = run("plan", "--cib-file", cib, document, status=1)
    assert f"{document}:1:13: not allowed by schema pacemaker-3.9: 'a b' is not a valid id" in output


def test_plan_names_a_used_resource_that_the_cluster_lacks(cib: Path, tmp_path: Path) -> None:
    document = tmp_path / "web.cib.yaml"
    document.write_text("uses: [db, fence]\nlocation:\n  - fence on n1\n  - db on n1\n")
    output = run("plan", "--cib-file", cib, document, status=1)
    assert f"{document}:4:5: 'db' is not in the cluster" in output
    assert ":3:5:" not in output


def test_validate_with_a_used_resource_in_a_tag_asks_pacemaker(tmp_path: Path) -> None:
    document = tmp_path / "web.cib.yaml"
    document.write_text("uses: [db]\nlocation: [db on n1]\ntags: {data: [db]}\n")
    assert "not checked" not in run("validate", document, status=0)


def test_history_of_a_removed_resource_hides_no_message(tmp_path: Path) -> None:
    """Pacemaker would take the removed resource for the one that the constraint names."""
    online = 'in_ccm="true" crmd="online" join="member" expected="member"'
    start = (
        'operation_key="web_start_0" operation="start" call-id="5" rc-code="0" op-status="0" interval="0" '
        'transition-key="1:1:0:x" transition-magic="0:0;1:1:0:x"'
    )
    history = (
        f'<node_state id="1" uname="n1" {online}><lrm id="1"><lrm_resources>'
        f'<lrm_resource id="web" class="ocf" provider="pacemaker" type="Dummy">'
        f'<lrm_rsc_op id="web_last_0" {start}/></lrm_resource></lrm_resources></lrm></node_state>'
    )
    cib = tmp_path / "cib.xml"
    cib.write_text(CIB.replace("<status/>", f"<status>{history}</status>"))
    document = tmp_path / "web.cib.yaml"
    document.write_text(
        "resources:\n"
        '  web: {bundle: {podman: {image: i}}, primitive: {inside: {agent: "ocf:pacemaker:Dummy"}}}\n'
        '  other: {agent: "ocf:pacemaker:Dummy", meta: {container: web}}\n'
        "order: [web then other]\n"
    )
    plan = json.loads(run("plan", "--json", "--cib-file", cib, document, status=2))
    errors = [each for each in plan["verification"] if each["level"] == "error" and each["new"]]
    assert ("error", "other", 3, "Resource other: Unknown resource container (web)") in shown(errors)
    assert "order-web-other-mandatory" in [each["object"] for each in errors]
