"""Secrets on a real cluster: in the secret files of the nodes only."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from apply_site import Site, document_on
from lab_handle import LabHandle, pcs_os

pytestmark = pytest.mark.cluster

VARIABLE = "PCS_OS_SECRET_API_PASSWORD"

DOCUMENT = "resources: {a: {agent: 'ocf:heartbeat:Dummy', params: {fake: !secret api-password}}}"


@pytest.fixture
def site(lab: LabHandle, tmp_path: Path) -> Iterator[Site]:
    for made in document_on(lab, tmp_path):
        made.document.write_text(DOCUMENT)
        yield made


def command_lines() -> set[str]:
    """Return every command line on this machine, including those in containers."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found


def test_secret_is_stored_in_the_secret_files_only(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = f"hush{secrets.token_hex(8)}"
    monkeypatch.setenv(VARIABLE, secret)
    saved, where = tmp_path / "plan.json", site.where
    output = pcs_os("plan", *where, str(site.document), "--output", str(saved), ok=(2,)).stdout
    output += saved.read_text()
    line = [sys.executable, "-m", "pacemaker_os", "apply", "--yes", *where, "--plan", str(saved)]
    seen: set[str] = set()
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        while child.poll() is None:
            seen |= command_lines()
        assert child.stdout
        output += child.stdout.read()
    assert child.returncode == 0, output
    assert any("pacemaker_os apply" in line for line in seen)
    assert any("/lib/systemd/systemd" in line for line in seen), "processes in containers cannot be seen"
    output += "\n".join(seen) + pcs_os("history", *where).stdout
    for name in site.nodes:
        node = site.lab.node(name)
        output += node.run(["journalctl", "--no-pager", "--output=verbose", "--all"], timeout=120).text
        # The pattern goes over standard input, so that it is not on a command line.
        directories = ("/var/lib/pacemaker", "/var/lib/pacemaker-os", "/var/log", "/tmp")
        command = ["grep", "-rlF", "--file=-", *directories]
        found = node.run(command, input=secret.encode(), ok=(0, 2)).text.split()
        assert found == ["/var/lib/pacemaker/lrm/secrets/a/fake"]
        assert node.run(["cibsecret", "get", "a", "fake"]).text.strip() == secret
    assert secret not in output
    assert "api-password" in output
    pair = site.cib().find(".//nvpair[@id='a-instance_attributes-fake']")
    assert pair is not None
    assert pair.get("value") == "lrm://"


def test_changed_secret_is_planned_and_distributed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "the-first-one")
    site.apply()
    assert not site.plan()["has_changes"]
    monkeypatch.setenv(VARIABLE, "the-second-one")
    plan, begin = site.plan(), site.epoch()
    (planned,) = plan["secrets"]
    assert (planned["nodes"], planned["restart_required"], plan["has_changes"]) == (site.nodes, True, True)
    assert site.apply()["outcome"] == "done"
    for node in site.nodes:
        value = site.lab.node(node).run(["cibsecret", "get", "a", "fake"]).text.strip()
        assert value == "the-second-one"
    assert (site.plan()["has_changes"], site.epoch()) == (False, begin)
    # Without a value, the nodes keep theirs.
    monkeypatch.delenv(VARIABLE)
    assert not site.plan()["has_changes"]
