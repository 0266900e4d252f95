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
    """A folder with a CIB file and a document, and pcs-os to run on them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cib, self.document = folder, folder / "cib.xml", folder / "site.cib.yaml"
        self.write(DOCUMENT)

    def write(self, text: str) -> None:
        self.document.write_text(text)

    def run(self, *words: str, status: int = 0, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pacemaker_os", *words, "--cib-file", str(self.cib)],
            capture_output=True,
            text=True,
            input=stdin or "",
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1"},
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def events(self, *words: str, status: int = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, status=status).splitlines()]

    def apply(self) -> str:
        return self.run("apply", "--yes", str(self.document))

    def go_back_to_old_schema(self) -> None:
        self.cib.write_text(re.sub('validate-with="[^"]*"', OLD_SCHEMA, self.cib.read_text()))

    def epoch(self) -> str:
        return self.cib.read_text().split(' epoch="')[1].split('"')[0]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_plan_writes_nothing_and_tells_what_would_happen(desk: Desk) -> None:
    said = desk.run("plan", str(desk.document), status=2)
    assert "+ start  vip" in said
    assert "site.cib.yaml" in said
    assert not desk.cib.exists()


def test_second_apply_changes_nothing(desk: Desk) -> None:
    desk.apply()
    epoch, content = desk.epoch(), desk.cib.read_bytes()
    assert "No changes" in desk.apply()
    assert "No changes" in desk.run("plan", str(desk.document))
    assert (desk.epoch(), desk.cib.read_bytes()) == (epoch, content)


def test_changed_parameter_is_a_restart_with_its_line(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    said = desk.run("plan", str(desk.document), status=2)
    assert "! restart  vip" in said
    assert f"{desk.document}:9:18" in said
    assert "10.0.0.1 -> 10.0.0.2" in said
    assert "1 restart, 0 move" in said


def test_what_is_no_longer_said_goes(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.split("order:")[0])
    desk.apply()
    assert "rsc_order" not in desk.cib.read_text().split("pcs-os-owner")[-1]


def test_effect_that_is_not_allowed(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    said = desk.run("apply", "--yes", "--allow", "move", str(desk.document), status=4)
    assert "restart vip" in said
    assert "--allow move,restart" in said
    assert "Done" in desk.run("apply", "--yes", "--allow", "restart", str(desk.document))


def test_without_anybody_to_ask_nothing_is_written(desk: Desk) -> None:
    assert "--yes" in desk.run("apply", str(desk.document), status=1)
    assert not desk.cib.exists()


def test_saved_plan_is_applied_once_and_then_stale(desk: Desk) -> None:
    desk.run("plan", str(desk.document), "-o", "plan.json", status=2)
    assert (desk.folder / "plan.json").stat().st_mode & 0o777 == 0o600
    assert "--plan cannot be combined with" in desk.run(
        "apply", "--yes", "--plan", "plan.json", "--take-over", status=1
    )
    assert "Done" in desk.run("apply", "--yes", "--plan", "plan.json")
    assert "stale" in desk.run("apply", "--yes", "--plan", "plan.json", status=3)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": 99}', "\x00", "[" * 100_000])
def test_garbage_for_a_plan(desk: Desk, text: str) -> None:
    (desk.folder / "plan.json").write_text(text)
    assert "not a saved plan" in desk.run("apply", "--yes", "--plan", "plan.json", status=1)


def test_export_changes_nothing_when_applied(desk: Desk) -> None:
    desk.apply()
    desk.run("export", "-o", "again.cib.yaml")
    content = desk.cib.read_bytes()
    assert "No changes" in desk.run("apply", "--yes", "again.cib.yaml")
    assert desk.cib.read_bytes() == content


def test_rollback_takes_the_last_apply_back(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    desk.apply()
    assert "~ primitive vip" in desk.run("history")
    desk.run("rollback", "--yes")
    assert 'value="10.0.0.1"' in desk.cib.read_text()
    assert "rolls back" in desk.run("history")


def test_rollback_does_not_overwrite_what_came_after(desk: Desk) -> None:
    desk.apply()
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    desk.apply()
    text = desk.cib.read_text()
    desk.cib.write_text(text.replace("10.0.0.2", "10.0.0.99"))
    desk.run("rollback", "--yes", status=3)
    assert "10.0.0.99" in desk.cib.read_text()


def test_json_says_the_same(desk: Desk) -> None:
    plan = json.loads(desk.run("plan", "--json", str(desk.document), status=2))
    assert plan["summary"]["effects"] == {"start": 4}
    desk.apply()
    assert json.loads(desk.run("status", "--json"))["nodes"][0]["name"] == "n1"
    assert len(json.loads(desk.run("history", "--json"))) == 1
    assert "resources:" in json.loads(desk.run("export", "--json"))["document"]


def test_newer_schema_is_a_step_of_its_own_in_the_plan(desk: Desk) -> None:
    desk.apply()
    desk.go_back_to_old_schema()
    assert "No changes" in desk.run("plan", str(desk.document))
    assert OLD_SCHEMA in desk.cib.read_text()
    asked = (str(desk.document), "--upgrade-schema")
    said = desk.run("plan", *asked, "-o", "plan.json", status=2)
    assert "~ schema  pacemaker-3.5 -> pacemaker-" in said
    assert "no running service is affected" in said
    epoch = int(desk.epoch())
    desk.run("apply", "--yes", "--plan", "plan.json")
    assert int(desk.epoch()) == epoch + 1
    assert OLD_SCHEMA not in desk.cib.read_text()
    assert "No changes" in desk.run("plan", *asked)
    assert "~ schema pacemaker-3.5" in desk.run("history")
    assert "Pacemaker cannot downgrade it" in desk.run("rollback", "--yes", status=1)


def test_schema_of_the_document_is_the_one_that_is_gone_to(desk: Desk) -> None:
    desk.apply()
    desk.go_back_to_old_schema()
    desk.write("schema: pacemaker-3.7\n" + DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    assert "--upgrade-schema" in desk.run("plan", str(desk.document), status=2)
    epoch = int(desk.epoch())
    desk.run("apply", "--yes", "--upgrade-schema", str(desk.document))
    assert (int(desk.epoch()), 'validate-with="pacemaker-3.7"' in desk.cib.read_text()) == (epoch + 1, True)
    desk.write("schema: pacemaker-9.1\n" + DOCUMENT)
    assert "cannot upgrade the schema to pacemaker-9.1" in desk.run(
        "plan", "--upgrade-schema", str(desk.document), status=1
    )


def test_json_of_an_apply_is_a_stream_of_events(desk: Desk) -> None:
    line = ("apply", "--yes", "--json", str(desk.document))
    planned, pushed, done = desk.events(*line)
    assert (planned["event"], planned["plan"]["summary"]["effects"]) == ("planned", {"start": 4})
    assert (pushed["event"], pushed["version"]) == ("pushed", done["version"])
    assert (done["event"], done["outcome"], done["warnings"]) == ("done", "done", [])
    planned, done = desk.events(*line)
    assert (done["event"], done["outcome"]) == ("done", "no-changes")


def test_refusal_is_the_last_event(desk: Desk) -> None:
    line = ("apply", "--json", str(desk.document))
    planned, failed = desk.events(*line, status=1)
    assert (planned["event"], failed["event"], failed["error"]) == ("planned", "failed", "not-asked")
    desk.write("resources: 3")
    (failed,) = desk.events(*line, status=1)
    assert failed["problems"][0]["line"] == 1


def test_operators_state_is_told_apart_and_kept(desk: Desk) -> None:
    desk.apply()
    text = desk.cib.read_text()
    meta = '<meta_attributes id="m"><nvpair id="t" name="target-role" value="Stopped"/></meta_attributes>'
    desk.cib.write_text(
        text.replace(
            "</instance_attributes>\n        <operations>", f"</instance_attributes>{meta}<operations>"
        )
    )
    assert meta in desk.cib.read_text()
    said = desk.run("plan", str(desk.document))
    assert "Operator overrides (unchanged): resource vip target-role Stopped" in said
    assert "target-role" in desk.run("export")
    assert "target-role:" not in desk.run("export")


def test_80_columns_without_colour(desk: Desk) -> None:
    for line in desk.run("plan", "site.cib.yaml", status=2).splitlines():
        assert len(line) <= 80 or str(desk.folder) in line
        assert "\x1b" not in line


def test_secret_is_in_no_plan_no_cib_and_no_history(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCS_OS_SECRET_VIP_KEY", "hush-hush-42")
    desk.write(DOCUMENT.replace("ip: 10.0.0.1", "ip: 10.0.0.1, key: !secret vip-key"))
    said = desk.run("plan", str(desk.document), "-o", "plan.json", status=2)
    said += desk.run("plan", "--json", str(desk.document), status=2)
    said += desk.run("plan", "--format", "pcs", str(desk.document), status=2)
    said += desk.apply() + desk.run("history", "--json") + desk.run("export")
    assert "vip key" in said
    assert "hush-hush-42" not in said
    for path in desk.folder.rglob("*"):
        assert not path.is_file() or b"hush-hush-42" not in path.read_bytes(), path
    assert 'value="lrm://"' in desk.cib.read_text()


def test_an_attribute_of_a_node_in_a_file_moves_what_depends_on_it(desk: Desk) -> None:
    where = 'location: [{resources: "*", where: rack eq left, discovery: exclusive}]\n'
    desk.write(DOCUMENT + where)
    desk.apply()
    desk.write(
        DOCUMENT.replace("  n[1-3]: {rack: left}", "  n[1-2]: {rack: left}\n  n3: {rack: right}") + where
    )
    said = desk.run("plan", str(desk.document), status=2)
    assert "! stop lb n3 node attribute n3 rack changed" in " ".join(said.split())


def test_an_empty_section_takes_away_what_was_in_it(desk: Desk) -> None:
    places = "location:\n  - vip on n1 (100)\n  - {resource: vip, where: rack eq left}\n"
    desk.write(DOCUMENT + places)
    desk.apply()
    desk.write(DOCUMENT + "location:\n")
    said = desk.run("plan", "--format", "pcs", str(desk.document), status=2)
    assert said == "pcs constraint delete location-vip-n1-100\npcs constraint delete location-vip\n"


def test_as_commands_of_pcs_what_is_left_alone_is_a_remark(desk: Desk) -> None:
    desk.write("name: other\n" + DOCUMENT)
    desk.apply()
    desk.write("name: mine\nproperties: {no-quorum-policy: stop}\nlocation:\n")
    assert desk.run("plan", "--format", "pcs", str(desk.document), status=2).splitlines() == [
        "# unchanged, owned by document other: 7 objects",
        "pcs property set no-quorum-policy=stop",
    ]
    desk.write("name: other\n" + DOCUMENT)
    assert (
        desk.run("plan", "--format", "pcs", str(desk.document)) == "# no changes: the cluster matches other\n"
    )


def test_a_cib_of_a_newer_pacemaker_says_where_to_ask(desk: Desk) -> None:
    desk.apply()
    newer = re.sub('crm_feature_set="[^"]*"', 'crm_feature_set="9.0.0"', desk.cib.read_text())
    desk.cib.write_text(newer)
    desk.write(DOCUMENT.replace("10.0.0.1", "10.0.0.2"))
    for words in (("plan",), ("apply", "--yes"), ("check",)):
        said = desk.run(*words, str(desk.document), status=1)
        assert "newer Pacemaker (feature set 9.0.0" in said
        assert said.endswith("[newer-pacemaker]\n")
    assert desk.cib.read_text() == newer
