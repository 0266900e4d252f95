"""`status`, `graph` and `report` with a CIB file."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None or shutil.which("crm_mon") is None,
    reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
)

ROOT = Path(__file__).parents[3]
QUICKSTART = ROOT / "cib/quickstart.cib.yaml"


def run(*args: str, status: int = 0, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pacemaker_os", *args],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a CIB file to which the document of the quickstart was applied."""
    path = str(tmp_path_factory.mktemp("status") / "cib.xml")
    run("apply", "--yes", "--cib-file", path, str(QUICKSTART))
    return path


def test_status_of_cib_file_has_no_node_states(applied: str) -> None:
    output = run("status", "--cib-file", applied)
    assert "3 nodes, 3 services; no status" in output
    assert re.search(r"quickstart: \d+ objects, \d+ unchanged\n", output)
    assert "\x1b" not in output


def test_status_color_always_prints_colors(applied: str) -> None:
    assert "\x1b[" in run("status", "--color", "always", "--cib-file", applied)


def test_status_json_has_the_documented_keys(applied: str) -> None:
    """docs/status.md lists exactly the keys of the JSON."""
    data = json.loads(run("status", "--json", "--cib-file", applied))
    assert data["format"] == 3
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/status.md").read_text(), re.MULTILINE)
    assert set(data) == set(rows)


def test_status_reports_drift(applied: str, tmp_path: Path) -> None:
    changed = tmp_path / "cib.xml"
    shutil.copytree(f"{applied}.history", f"{changed}.history")
    changed.write_text(Path(applied).read_text().replace("172.31.250.100", "172.31.250.101"))
    output = run("status", "--cib-file", str(changed))
    assert "drift: primitive vip (params.ip) changed" in output
    # The finding names the file of the last apply.
    assert re.search(rf"pcs-os plan --cib-file {re.escape(str(changed))} \S+\.cib\.yaml", output)


def enable_ctrl_c() -> None:
    """Restore the default handler: background processes of a shell inherit an ignored SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_status_watch_lists_changes_until_ctrl_c(applied: str, tmp_path: Path) -> None:
    changed = tmp_path / "cib.xml"
    text = Path(applied).read_text()
    changed.write_text(text)
    line = ["-m", "pacemaker_os", "status", "--watch", "--cib-file", str(changed)]
    with pexpect.spawn(
        sys.executable, line, timeout=60, encoding="utf-8", dimensions=(40, 80), preexec_fn=enable_ctrl_c
    ) as view:
        view.expect("press Ctrl-C to quit")
        changed.write_text(text.replace('"vip"', '"other"'))
        view.expect("other was added: unknown")
        view.sendintr()
        view.expect(pexpect.EOF)
    assert view.wait() == 0


def test_status_without_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "none.xml"
    assert run("status", "--cib-file", str(path), status=1) == f"{path}: file not found [no-such-file]\n"


def test_graph_of_document_shows_impact(tmp_path: Path) -> None:
    data = json.loads(run("graph", str(QUICKSTART), "--format", "json", "--fail", "controller02"))
    assert data["cluster"] == "quickstart"
    assert data["critical_path"] == ["lb-haproxy", "vip"]
    assert {each["service"]: each["impact"] for each in data["impacts"]}["lb-haproxy"] == "reduced"
    picture = tmp_path / "picture.dot"
    output = run("graph", str(QUICKSTART), "-o", str(picture), "--fail", "controller02")
    assert output.splitlines()[:2] == [f"{picture} written", "After failure of controller02:"]
    assert "    no service stops" in output
    assert picture.read_text().startswith("digraph")


def test_graph_fail_unknown_node_is_an_error() -> None:
    output = run("graph", str(QUICKSTART), "--fail", "controller09", status=1)
    assert "unknown node 'controller09'; the cluster has controller01, controller02, controller03" in output


def test_graph_of_document_and_cluster_is_an_error(applied: str) -> None:
    assert "not both" in run("graph", str(QUICKSTART), "--cib-file", applied, status=1)


def test_report_writes_private_page(applied: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert run("report", str(QUICKSTART), "--cib-file", applied, "-o", str(page)) == f"{page} written\n"
    assert page.stat().st_mode & 0o777 == 0o600
    text = page.read_text()
    assert "The cluster matches quickstart" in text
    assert re.search(r"\d{8}T\d{6}\.\d{3}-0\.\d+", text), "the history"


def test_report_missing_results_is_an_error(applied: str, tmp_path: Path) -> None:
    options = (
        "--cib-file",
        applied,
        "-o",
        str(tmp_path / "r.html"),
        "--results",
        str(tmp_path / "none.json"),
    )
    assert "none.json: file not found" in run("report", *options, status=1)
