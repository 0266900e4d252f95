"""Somebody new, with the README alone: from a clone to a changed document applied, in a terminal."""

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

#: The whole way may take so long, in seconds.
QUARTER_OF_AN_HOUR = 900.0

#: The lab that `./quickstart` makes.
LAB = "lab"

PROMPT = "reader> "


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A fresh clone, and no lab after the test; one that is there already is somebody's, and stays."""
    there = json.loads(pcs_os("lab", "status", "--name", LAB, "--json").stdout)
    assert there == [], f"there is a lab '{LAB}', which ./quickstart would use; take it down first"
    folder = tmp_path / "pacemaker-os"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    try:
        yield folder
    finally:
        down(LAB)


@pytest.fixture
def terminal(clone: Path) -> Iterator[pexpect.spawn[str]]:
    """A shell in the clone, as a person has one."""
    with pexpect.spawn(
        "bash", ["--norc"], cwd=str(clone), encoding="utf-8", timeout=QUARTER_OF_AN_HOUR, dimensions=(50, 120)
    ) as shell:
        # As it is typed the prompt has a quote in it, so that the echo is not taken for the prompt.
        shell.sendline(f"bind 'set enable-bracketed-paste off'; PS1='{PROMPT[:-1]}'' '")
        shell.expect_exact(PROMPT)
        yield shell


def shown_in_readme(pattern: str) -> str:
    """The command that the README shows; that it shows one is part of the test."""
    found = re.search(pattern, README, re.MULTILINE)
    assert found, f"the README shows no {pattern}"
    return found[1]


def type_in(shell: pexpect.spawn[str], line: str) -> str:
    """Type a line and return what it printed, once the prompt is back."""
    shell.sendline(line)
    shell.expect_exact(PROMPT)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shell.before or "").replace("\r", "")


def test_from_the_readme_to_a_changed_document(
    terminal: pexpect.spawn[str], clone: Path, record_property: Callable[[str, object], None]
) -> None:
    begin = time.monotonic()
    said = type_in(terminal, shown_in_readme(r"^(\./quickstart)\b"))
    assert "ready. To continue, run:" in said

    # The next commands are those that it names itself.
    plan = re.search(r"^ +(\.venv/bin/pcs-os plan .*)$", said, re.MULTILINE)
    assert plan, said
    assert "! restart  vip" in type_in(terminal, plan[1])

    document = clone / "cib" / "quickstart.cib.yaml"
    document.write_text(document.read_text().replace("monitor: 10s", "monitor: 20s", 1))
    said = type_in(terminal, plan[1])
    assert "primitive vip" in said
    assert "op.monitor" in said

    # Without --yes it asks; a person answers.
    terminal.sendline(plan[1].replace(" plan ", " apply "))
    terminal.expect(r"\[y/N\]")
    terminal.sendline("y")
    terminal.expect_exact("Done: 1 changed")
    terminal.expect_exact(PROMPT)
    assert "No changes" in type_in(terminal, plan[1])

    seconds = time.monotonic() - begin
    record_property("seconds from the clone to the changed document", round(seconds))
    assert seconds < QUARTER_OF_AN_HOUR
