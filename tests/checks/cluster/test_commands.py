"""plan, apply, export, status, history and rollback as a user runs them, on a CIB file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None,
    reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
)

DOCUMENT = """
nodes:
  n[1-3]: {rack: left}
properties:
  stonith-enabled: "false"
resources:
  vip:
    agent: ocf:heartbeat:IPaddr2
    params: {ip: 10.0.0.1}
    monitor: 30s
  lb:
    agent: systemd:haproxy
    clone: {interleave: true}
order:
  - lb then vip
"""


OLD_SCHEMA = 'validate-with="pacemaker-3.5"'


class Desk:
    """A directory with a CIB file and a document, for runs of pcs-os."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.cib, self.document = (
            directory,
            directory / "cib.xml",
            directory / "site.cib.yaml",
        )
        self.write(DOCUMENT)

    def write(self, text: str) -> None:
        self.document.write_text(text)

    def run(self, *args: str, status: int = 0, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pacemaker_os", *args, "--cib-file", str(self.cib)],
            capture_output=True,
            text=True,
            input=stdin or "",
            cwd=self.directory,
            env={**os.environ, "NO_COLOR": "1"},
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def events(self, *args: str, status: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*args, status=status).splitlines()]

    def apply(self) -> str:
        return self.run("apply", "--yes", str(self.document))

    def downgrade_schema(self) -> None:
        self.cib.write_text(re.sub('validate-with="[^"]*"', OLD_SCHEMA, self.cib.read_text()))

    def epoch(self) -> str:
        return self.cib.read_text().split(' epoch="')[1].split('"')[0]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_plan_writes_nothing_and_predicts_effects(desk: Desk) -> None:
    output = desk.run("plan", str(desk.document), status=2)
    assert "+ start  vip" in output
    assert "site.cib.yaml" in output
    assert not desk.cib.exists()


def test_second_apply_changes_nothing(desk: Desk) -> None:
    desk.apply()
    epoch, content = desk.epoch(), desk.cib.read_bytes()
    assert "No changes" in desk.apply()
    assert "No changes" in desk.run("plan", str(desk.document))
    assert (desk.epoch(), desk.cib.read_bytes()) == (epoch, content)


def test_changed_parameter_is_a_restart_with_its_position(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    output = desk.run("plan", str(desk.document), status=2)
    assert "! restart  vip" in output
    assert f"{desk.document}:9:18" in output
    assert "10.0.0.1 -> 10.0.0.2" in output
    assert "1 restart, 0 move" in output


def test_object_that_is_removed_from_the_document_is_removed(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.split("order:")[0])
    desk.apply()
    assert "rsc_order" not in desk.cib.read_text().split("pcs-os-owner")[-1]


def test_effect_that_is_not_allowed_aborts_the_apply(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    output = desk.run("apply", "--yes", "--allow", "move", str(desk.document), status=4)
    assert "restart vip" in output
    assert "--allow move,restart" in output
    assert "Done" in desk.run("apply", "--yes", "--allow", "restart", str(desk.document))


def test_apply_without_a_terminal_requires_yes(desk: Desk) -> None:
    assert "--yes" in desk.run("apply", str(desk.document), status=1)
    assert not desk.cib.exists()


def test_saved_plan_is_stale_after_its_apply(desk: Desk) -> None:
    desk.run("plan", str(desk.document), "-o", "plan.json", status=2)
    assert (desk.directory / "plan.json").stat().st_mode & 0o777 == 0o600
    assert "--plan cannot be combined with" in desk.run(
        "apply", "--yes", "--plan", "plan.json", "--take-over", status=1
    )
    assert "Done" in desk.run("apply", "--yes", "--plan", "plan.json")
    assert "stale" in desk.run("apply", "--yes", "--plan", "plan.json", status=3)


def test_saved_plan_is_applied_to_its_own_target(desk: Desk, tmp_path: Path) -> None:
    desk.run("plan", str(desk.document), "-o", "plan.json", status=2)
    other = Desk(tmp_path)
    other.cib = tmp_path / "other.xml"
    message = other.run("apply", "--yes", "--plan", "plan.json", status=1)
    assert str(desk.cib) in message
    assert str(other.cib) in message
    words = ["apply", "--yes", "--plan", str(desk.directory / "plan.json")]
    done = subprocess.run(
        [sys.executable, "-m", "pacemaker_os", *words], capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    assert not other.cib.exists()
    assert 'id="vip"' in desk.cib.read_text()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "\x00", "[" * 100_000])
def test_invalid_plan_file_is_an_error(desk: Desk, text: str) -> None:
    (desk.directory / "plan.json").write_text(text)
    assert "not a saved plan" in desk.run("apply", "--yes", "--plan", "plan.json", status=1)


@pytest.mark.parametrize("number", [1, 2, 99])
def test_plan_file_of_another_format_is_an_error(desk: Desk, number: int) -> None:
    (desk.directory / "plan.json").write_text(f'{{"format": {number}}}')
    message = f"its format is {number}, and this pcs-os reads format 3; create a new plan"
    assert message in desk.run("apply", "--yes", "--plan", "plan.json", status=1)


def test_apply_of_an_export_changes_nothing(desk: Desk) -> None:
    desk.apply()
    desk.run("export", "-o", "again.cib.yaml")
    assert (desk.directory / "again.cib.yaml").stat().st_mode & 0o777 == 0o600
    content = desk.cib.read_bytes()
    assert "No changes" in desk.run("apply", "--yes", "again.cib.yaml")
    assert desk.cib.read_bytes() == content


def test_rollback_reverts_the_last_apply(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    desk.apply()
    assert "~ primitive vip" in desk.run("history")
    desk.run("rollback", "--yes")
    assert 'value="10.0.0.1"' in desk.cib.read_text()
    assert "rolls back" in desk.run("history")


def test_rollback_does_not_overwrite_a_later_change(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    desk.apply()
    text = desk.cib.read_text()
    desk.cib.write_text(text.replace("10.0.0.2", "10.0.0.99"))
    message = desk.run("rollback", "--yes", status=3)
    assert "the configuration has changes that no apply made: ~ primitive vip. Nothing was written" in message
    latest = json.loads(desk.run("history", "--json"))[0]["id"]
    message = desk.run("rollback", "--yes", latest, status=3)
    assert "changed since by another tool; edit the document and apply it. Nothing was written" in message
    assert "plan" not in message
    assert "10.0.0.99" in desk.cib.read_text()


def test_rollback_of_an_older_apply_names_the_later_one(desk: Desk) -> None:
    desk.apply()
    for address in ("10.0.0.2", "10.0.0.3"):
        desk.write(DOCUMENT.replace("10.0.0.1", address))
        desk.apply()
    latest, older, *_ = [each["id"] for each in json.loads(desk.run("history", "--json"))]
    message = desk.run("rollback", "--yes", older, status=3)
    assert f"primitive 'vip' changed since; roll back the later apply '{latest}' first" in message
    desk.run("rollback", "--yes", latest)
    desk.run("rollback", "--yes", older)
    assert 'value="10.0.0.1"' in desk.cib.read_text()
    assert "already rolled it back" in desk.run("rollback", "--yes", older, status=3)


def test_commands_print_json(desk: Desk) -> None:
    plan = json.loads(desk.run("plan", "--json", str(desk.document), status=2))
    assert plan["summary"]["effects"] == {"start": 4}
    desk.apply()
    assert json.loads(desk.run("status", "--json"))["nodes"][0]["name"] == "n1"
    assert len(json.loads(desk.run("history", "--json"))) == 1
    assert "resources:" in json.loads(desk.run("export", "--json"))["document"]


def test_schema_upgrade_requires_an_option(desk: Desk) -> None:
    desk.apply()
    desk.downgrade_schema()
    assert "No changes" in desk.run("plan", str(desk.document))
    assert OLD_SCHEMA in desk.cib.read_text()
    options = (str(desk.document), "--upgrade-schema")
    output = desk.run("plan", *options, "-o", "plan.json", status=2)
    assert "~ schema  pacemaker-3.5 -> pacemaker-" in output
    assert "no running service is affected" in output
    epoch = int(desk.epoch())
    desk.run("apply", "--yes", "--plan", "plan.json")
    assert int(desk.epoch()) == epoch + 1
    assert OLD_SCHEMA not in desk.cib.read_text()
    assert "No changes" in desk.run("plan", *options)
    assert "~ schema pacemaker-3.5" in desk.run("history")
    assert "Pacemaker cannot downgrade it" in desk.run("rollback", "--yes", status=1)


def test_schema_is_upgraded_to_that_of_the_document(desk: Desk) -> None:
    desk.apply()
    desk.downgrade_schema()
    desk.write("schema: pacemaker-3.7\n" + DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    assert "--upgrade-schema" in desk.run("plan", str(desk.document), status=2)
    epoch = int(desk.epoch())
    desk.run("apply", "--yes", "--upgrade-schema", str(desk.document))
    assert (int(desk.epoch()), 'validate-with="pacemaker-3.7"' in desk.cib.read_text()) == (epoch + 1, True)
    desk.write("schema: pacemaker-9.1\n" + DOCUMENT)
    assert "cannot upgrade the schema to pacemaker-9.1" in desk.run(
        "plan", "--upgrade-schema", str(desk.document), status=1
    )


def test_apply_prints_events_as_json(desk: Desk) -> None:
    line = ("apply", "--yes", "--json", str(desk.document))
    planned, pushed, done = desk.events(*line)
    assert (planned["event"], planned["plan"]["summary"]["effects"]) == ("planned", {"start": 4})
    assert (pushed["event"], pushed["version"]) == ("pushed", done["version"])
    assert (done["event"], done["outcome"], done["warnings"]) == ("done", "done", [])
    planned, done = desk.events(*line)
    assert (done["event"], done["outcome"]) == ("done", "no-changes")


def test_error_is_the_last_event(desk: Desk) -> None:
    line = ("apply", "--json", str(desk.document))
    planned, failed = desk.events(*line, status=1)
    assert (planned["event"], failed["event"], failed["error"]) == ("planned", "failed", "no-confirmation")
    desk.write("resources: 3")
    (failed,) = desk.events(*line, status=1)
    assert failed["problems"][0]["line"] == 1


def test_operator_override_is_reported_and_preserved(desk: Desk) -> None:
    desk.apply()
    text = desk.cib.read_text()
    meta = '<meta_attributes id="m"><nvpair id="t" name="target-role" value="Stopped"/></meta_attributes>'
    desk.cib.write_text(
        text.replace(
            "</instance_attributes>\n        <operations>", f"</instance_attributes>{meta}<operations>"
        )
    )
    assert meta in desk.cib.read_text()
    output = desk.run("plan", str(desk.document))
    assert "Operator overrides (unchanged): resource vip target-role Stopped" in output
    assert "target-role" in desk.run("export")
    assert "target-role:" not in desk.run("export")


def test_output_has_80_columns_and_no_color(desk: Desk) -> None:
    for line in desk.run("plan", "site.cib.yaml", status=2).splitlines():
        assert len(line) <= 80 or str(desk.directory) in line
        assert "\x1b" not in line


def test_secret_is_not_in_the_plan_the_cib_or_the_history(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PCS_OS_SECRET_VIP_KEY", "hush-hush-42")
    desk.write(DOCUMENT.replace("ip: 10.0.0.1", "ip: 10.0.0.1, key: !secret vip-key"))
    output = desk.run("plan", str(desk.document), "-o", "plan.json", status=2)
    output += desk.run("plan", "--json", str(desk.document), status=2)
    output += desk.run("plan", "--format", "pcs", str(desk.document), status=2)
    output += desk.apply() + desk.run("history", "--json") + desk.run("export")
    assert "vip key" in output
    assert "hush-hush-42" not in output
    for path in desk.directory.rglob("*"):
        assert not path.is_file() or b"hush-hush-42" not in path.read_bytes(), path
    assert 'value="lrm://"' in desk.cib.read_text()


def test_changed_node_attribute_in_a_file_has_effects(desk: Desk) -> None:
    where = 'location: [{resources: "*", where: rack eq left, discovery: exclusive}]\n'
    desk.write(DOCUMENT + where)
    desk.apply()
    desk.write(
        DOCUMENT.replace("  n[1-3]: {rack: left}", "  n[1-2]: {rack: left}\n  n3: {rack: right}") + where
    )
    output = desk.run("plan", str(desk.document), status=2)
    assert "! stop lb n3 node attribute n3 rack changed" in " ".join(output.split())


def test_empty_section_removes_its_objects(desk: Desk) -> None:
    locations = "location:\n  - vip on n1 (100)\n  - {resource: vip, where: rack eq left}\n"
    desk.write(DOCUMENT + locations)
    desk.apply()
    desk.write(DOCUMENT + "location:\n")
    output = desk.run("plan", "--format", "pcs", str(desk.document), status=2)
    assert [line for line in output.splitlines() if not line.startswith("#")] == [
        "pcs constraint delete location-vip-n1-100",
        "pcs constraint delete location-vip",
    ]


def test_pcs_commands_report_unchanged_objects_as_a_comment(desk: Desk) -> None:
    desk.write("name: other\n" + DOCUMENT)
    desk.apply()
    desk.write("name: mine\nproperties: {no-quorum-policy: stop}\nlocation:\n")
    lines = desk.run("plan", "--format", "pcs", str(desk.document), status=2).splitlines()
    assert [line for line in lines if not line.startswith("# note:")] == [
        "# unchanged, owned by document other: 7 objects",
        "pcs property set no-quorum-policy=stop --force",
    ]
    desk.write("name: other\n" + DOCUMENT)
    assert (
        desk.run("plan", "--format", "pcs", str(desk.document)) == "# no changes: the cluster matches other\n"
    )


def test_cib_of_a_newer_pacemaker_is_an_error(desk: Desk) -> None:
    desk.apply()
    newer = re.sub('crm_feature_set="[^"]*"', 'crm_feature_set="9.0.0"', desk.cib.read_text())
    desk.cib.write_text(newer)
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    for args in (("plan",), ("apply", "--yes"), ("check",)):
        output = desk.run(*args, str(desk.document), status=1)
        assert "newer Pacemaker (feature set 9.0.0" in output
        assert output.endswith("[newer-pacemaker]\n")
    assert desk.cib.read_text() == newer
