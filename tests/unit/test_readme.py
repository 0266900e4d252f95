"""What the READMEs show is true, and the same in both languages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pacemaker_os import document
from pacemaker_os.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.zh.md"]


def blocks(name: str, language: str = "") -> list[str]:
    """The fenced blocks of one language, in order."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)
    return [text for tongue, text in found if tongue == language]


@pytest.mark.parametrize("name", READMES)
def test_the_document_is_good(name: str) -> None:
    (text,) = blocks(name, "yaml")
    assert len(list(document.load(text).objects())) == 8


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_in_the_table(name: str) -> None:
    rows = re.findall(r"^\| (`pcs-os .*?) \|", (ROOT / name).read_text(), re.MULTILINE)
    shown = set(re.findall(r"[a-z]+", " ".join(rows)))
    assert set(COMMANDS) <= shown


@pytest.mark.parametrize("name", READMES)
def test_the_problems_are_what_validate_says(name: str, tmp_path: Path) -> None:
    (said,) = [block for block in blocks(name) if "validate" in block and "unknown-key" in block]
    bad = (
        "resources:\n  vip:\n    agent: ocf:heartbeat:IPaddr2\n    parms: {ip: 172.31.250.100}\n"
        "  vip:\n    agent: systemd:haproxy\ncolocation: yes\n"
    )
    (tmp_path / "cluster.cib.yaml").write_text(bad)
    line = [sys.executable, "-m", "pacemaker_os", "validate", "cluster.cib.yaml"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == said.partition("\n")[2]


def test_both_languages_show_the_same() -> None:
    assert blocks("README.md", "yaml") == blocks("README.zh.md", "yaml")
    recorded = [[block for block in blocks(name) if block.startswith("$")] for name in READMES]
    assert recorded[0] == recorded[1]
