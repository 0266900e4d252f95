"""The commands in the README, in a terminal: from a clone to an applied change of a document."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from lab_handle import down, pcs_os

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()

#: Maximum duration of all steps, in seconds.
MAX_SECONDS = 900.0

#: The lab that `./quickstart` creates.
LAB = "lab"

PROMPT = "reader> "


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A new clone. The lab is deleted after the test; the test fails if it exists before."""
    existing = json.loads(pcs_os("lab", "status", "--name", LAB, "--json").stdout)
    assert existing == [], f"lab '{LAB}' exists, and ./quickstart would use it; delete it first"
    directory = tmp_path / "pacemaker-os"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(directory)], check=True)
    try:
        yield directory
    finally:
        down(LAB)


@pytest.fixture
def terminal(clone: Path) -> Iterator[pexpect.spawn[str]]:
    """An interactive shell in the clone."""
    with pexpect.spawn(
        "bash", ["--norc"], cwd=str(clone), encoding="utf-8", timeout=MAX_SECONDS, dimensions=(50, 120)
    ) as shell:
        # The typed prompt contains quotes, so that its echo does not match the prompt.
        shell.sendline(f"bind 'set enable-bracketed-paste off'; PS1='{PROMPT[:-1]}'' '")
        shell.expect_exact(PROMPT)
        yield shell


def shown_in_readme(pattern: str) -> str:
    """Return a command from the README; fail if it contains none."""
    found = re.search(pattern, README, re.MULTILINE)
    assert found, f"the README does not contain {pattern}"
    return found[1]


def type_in(shell: pexpect.spawn[str], line: str) -> str:
    """Run a command and return its output."""
    shell.sendline(line)
    shell.expect_exact(PROMPT)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shell.before or "").replace("\r", "")


def test_readme_commands_lead_to_an_applied_change(
    terminal: pexpect.spawn[str], clone: Path, record_property: Callable[[str, object], None]
) -> None:
    begin = time.monotonic()
    output = type_in(terminal, shown_in_readme(r"^(\./quickstart)\b"))
    assert "ready. To continue, run:" in output

    # quickstart prints the next commands.
    plan = re.search(r"^ +(\.venv/bin/pcs-os plan .*)$", output, re.MULTILINE)
    assert plan, output
    assert "! restart  vip" in type_in(terminal, plan[1])

    document = clone / "cib" / "quickstart.cib.yaml"
    document.write_text(document.read_text().replace("monitor: 10s", "monitor: 20s", 1))
    output = type_in(terminal, plan[1])
    assert "primitive vip" in output
    assert "op.monitor" in output

    # Without --yes, apply prompts for confirmation.
    terminal.sendline(plan[1].replace(" plan ", " apply "))
    terminal.expect(r"\[y/N\]")
    terminal.sendline("y")
    terminal.expect_exact("Done: 1 changed")
    terminal.expect_exact(PROMPT)
    assert "No changes" in type_in(terminal, plan[1])

    seconds = time.monotonic() - begin
    record_property("seconds from the clone to the changed document", round(seconds))
    assert seconds < MAX_SECONDS
