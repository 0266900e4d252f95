"""The examples of the READMEs are valid, and the same in both languages."""

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
    """Return the fenced blocks of one language, in order."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)
    return [text for tag, text in found if tag == language]


@pytest.mark.parametrize("name", READMES)
def test_readme_document_is_valid(name: str) -> None:
    (text,) = blocks(name, "yaml")
    assert len(list(document.load(text).objects())) == 8


@pytest.mark.parametrize("name", READMES)
def test_readme_table_lists_every_command(name: str) -> None:
    rows = re.findall(r"^\| (`pcs-os .*?) \|", (ROOT / name).read_text(), re.MULTILINE)
    shown = set(re.findall(r"[a-z]+", " ".join(rows)))
    assert set(COMMANDS) <= shown


@pytest.mark.parametrize("name", READMES)
def test_readme_problems_match_the_output_of_validate(name: str, tmp_path: Path) -> None:
    (example,) = [block for block in blocks(name) if "validate" in block and "unknown-key" in block]
    bad = (
        "resources:\n  vip:\n    agent: ocf:heartbeat:IPaddr2\n    parms: {ip: 172.31.250.100}\n"
        "  vip:\n    agent: systemd:haproxy\ncolocation: yes\n"
    )
    (tmp_path / "cluster.cib.yaml").write_text(bad)
    line = [sys.executable, "-m", "pacemaker_os", "validate", "cluster.cib.yaml"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == example.partition("\n")[2]


def test_readme_languages_have_the_same_examples() -> None:
    assert blocks("README.md", "yaml") == blocks("README.zh.md", "yaml")
    recorded = [[block for block in blocks(name) if block.startswith("$")] for name in READMES]
    assert recorded[0] == recorded[1]
