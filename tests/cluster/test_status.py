"""status on a running cluster: its findings are correct, and its commands work."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from lab_handle import LabHandle, pcs_os, wait_until

pytestmark = pytest.mark.cluster

DOCUMENT = """
name: seen
resources:
  seen-ip: {agent: "ocf:pacemaker:Dummy", monitor: 10s}
  seen-web: {agent: "ocf:pacemaker:Dummy", monitor: 10s, clone: {interleave: true}}
  seen-db: {agent: "ocf:pacemaker:Stateful", promotable: {promoted-max: 1}}
order:
  - seen-web then seen-ip
"""

BROKEN = """
name: broken
resources:
  broken-fs:
    agent: ocf:heartbeat:Filesystem
    params: {device: /dev/there-is-none, directory: /mnt, fstype: ext4}
    meta: {migration-threshold: 1}
"""

Apply = Callable[[str, str], None]


@pytest.fixture
def apply(lab: LabHandle, tmp_path: Path) -> Iterator[Apply]:
    """Apply a document, and remove it after the test."""
    container, applied = f"{lab.name}-controller01", []

    def run(name: str, text: str, *options: str) -> None:
        path = tmp_path / f"{name}.cib.yaml"
        path.write_text(text)
        allow = ("--allow", "restart,move,stop")
        to = ("--container", container)
        line = ["apply", "--yes", "--skip-agent-checks", *allow, *options, *to, str(path)]
        # A resource that cannot run, as in one test, also exits with status 1.
        done = pcs_os(*line, ok=(0, 1))
        print(done.stdout, done.stderr)
        applied.append(name)

    yield run
    for name in tuple(applied):
        run(name, f"name: {name}\n")


def status(lab: LabHandle, by: str = "controller01") -> dict[str, Any]:
    state: dict[str, Any] = json.loads(pcs_os("status", "--json", "--container", f"{lab.name}-{by}").stdout)
    return state


def found(lab: LabHandle, code: str) -> list[dict[str, Any]]:
    return [finding for finding in status(lab)["findings"] if finding["code"] == code]


def placements(lab: LabHandle) -> dict[str, dict[str, list[str]]]:
    """Return, for each service, its roles with their nodes."""
    return {
        service["id"]: {placement["role"]: placement["nodes"] for placement in service["placements"]}
        for service in status(lab)["services"]
    }


#: Commands of an operator on a node, by the code of the finding that they cause.
OVERRIDES = {
    "override-ban": "crm_resource --ban --resource seen-ip --node controller02",
    "override-stopped": "crm_resource -r seen-web-clone --meta -p target-role -v Stopped",
    "override-unmanaged": "crm_resource -r seen-ip --meta -p is-managed -v no",
    "override-standby": "crm_standby --node controller03 --update on",
    "override-node-maintenance": "crm_attribute --node controller03 --name maintenance --update true",
    "override-maintenance-mode": "crm_attribute --name maintenance-mode --update true",
}


def test_status_reports_placements_and_overrides(lab: LabHandle, apply: Apply) -> None:
    apply("seen", DOCUMENT)
    everyone = ["controller01", "controller02", "controller03"]
    where = placements(lab)
    assert where["seen-web"] == {"Started": everyone}
    assert len(where["seen-ip"]["Started"]) == 1
    assert (len(where["seen-db"]["Promoted"]), len(where["seen-db"]["Unpromoted"])) == (1, 2)
    (drift,) = [each for each in status(lab)["documents"] if each["document"] == "seen"]
    assert (drift["changed"], drift["removed"], drift["unknown"]) == ([], [], 0)
    node = lab.node("controller01")
    for code, command in OVERRIDES.items():
        node.run(command.split())
        (finding,) = found(lab, code)
        node.run(finding["command"])
        assert found(lab, code) == [], code
    wait_until("all runs again", lambda: placements(lab)["seen-web"] == {"Started": everyone})


def test_manual_change_is_reported_as_drift(lab: LabHandle, apply: Apply) -> None:
    apply("seen", DOCUMENT)
    line = "crm_resource --resource seen-ip --set-parameter fake --parameter-value by-hand"
    lab.node("controller02").run(line.split())
    (finding,) = found(lab, "drift")
    assert "primitive seen-ip (params.fake)" in finding["text"]


def test_failure_is_reported_with_its_exit_reason(lab: LabHandle, apply: Apply) -> None:
    apply("broken", BROKEN)
    (finding,) = [each for each in found(lab, "service-stopped") if each["subject"] == "broken-fs"]
    command = ["cibadmin", "--query", "--xpath", "//lrm_resource[@id='broken-fs']"]
    reasons = set(re.findall(r'exit-reason="([^"]+)"', unescape(lab.node("controller01").run(command).text)))
    assert reasons and any(reason in finding["reason"] for reason in reasons), finding
    # The probes failed: Pacemaker tries again only after a refresh.
    assert finding["command"][:2] == ["crm_resource", "--refresh"]
    lab.node("controller01").run(finding["command"])
    text = pcs_os("status", "--container", f"{lab.name}-controller01").stdout
    # A command is always on one line.
    assert max(len(line) for line in text.splitlines() if "docker exec" not in line) <= 80


def test_watch_shows_a_failover(lab: LabHandle, apply: Apply) -> None:
    """While one node is watched, another one fails, is fenced, its services move, and it comes back."""
    apply("seen", DOCUMENT)
    victim = placements(lab)["seen-ip"]["Started"][0]
    witness = next(name for name in ("controller01", "controller02", "controller03") if name != victim)
    line = [sys.executable, "-m", "pacemaker_os", "status", "--watch", "--container", f"{lab.name}-{witness}"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as view:
        lines: list[str] = []
        try:
            lab.fault("kill", victim)
            assert view.stdout is not None
            for text in view.stdout:
                lines.append(text.strip())
                if f"{victim}: " in text and text.strip().endswith("-> online"):
                    break
        finally:
            view.terminate()
    output = "\n".join(lines)
    assert f"fencing of {victim}" in output
    assert any(text.partition(" ")[2].startswith("seen-ip: ") for text in lines), output
    lab.wait_online()
