"""Shell completion in bash, fish and zsh: the candidates, and the cost of an import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from pacemaker_os.cli.support.completion import keys

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "cli" / "completions"

DOCUMENT = """\
# incomplete
vars:
  vip: 192.0.2.1   # an address
  "net": 24
nodes:
  web[1-3]: {role: web}
  db: {}
resources:

  # the address
  address:
    agent: ocf:heartbeat:IPaddr2
    params: {ip: "${vip}
  proxy: {
"""

CIB = """\
<cib><configuration><crm_config><cluster_property_set id="pcs-os-owner">
<nvpair id="pcs-os-owner.shop" name="pcs-os-owner.shop" value="primitive:vip"/>
<nvpair id="pcs-os-owner.r-d" name="pcs-os-owner.R&amp;D &quot;x&quot;" value="primitive:p"/>
</cluster_property_set></crm_config>
<nodes><node id="1" uname="left"/><node type="member" uname="right" id="2"/></nodes>
<resources><primitive id="vip"/><clone id="c"><primitive id="p"/></clone></resources></configuration></cib>
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "shop.cib.yaml").write_text(DOCUMENT)
    (tmp_path / "cib.xml").write_text(CIB)
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "parts").mkdir()
    (tmp_path / "cib.xml.history").mkdir()
    (tmp_path / "cib.xml.history" / "20260101T000000-0.2.json").write_text("{}")
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def tab(line: str) -> dict[str, str]:
    """Return the environment that a shell sets when Tab is pressed at the end of a line."""
    position = len(line.split()) - (0 if line.endswith(" ") else 1)
    return {"COMP_WORDS": line, "COMP_CWORD": str(position), "_PCS_OS_COMPLETE": "bash_complete"}


def candidates(directory: Path, line: str) -> list[str]:
    """Return the candidates at the end of a line."""
    done = subprocess.run(
        ["pcs-os"], cwd=directory, env=environment() | tab(line), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [each.partition(",")[2] for each in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pcs-os pl", ["plan"]),
        ("pcs-os plan --cib", ["--cib-file"]),
        ("pcs-os plan ", ["cib.xml.history/", "parts/", "shop.cib.yaml"]),
        ("pcs-os plan --cib-file ", ["cib.xml", "cib.xml.history/", "parts/"]),
        ("pcs-os apply --plan ", ["cib.xml.history/", "parts/", "plan.json"]),
        ("pcs-os plan shop.cib.yaml --var ", ["net=", "vip="]),
        ("pcs-os plan --var v", ["vip="]),
        ("pcs-os graph --fail ", ["db", "web1", "web2", "web3"]),
        ("pcs-os graph --cib-file cib.xml --fail ", ["left", "right"]),
        ("pcs-os graph --cib-file cib.xml --fail left --fail ", ["right"]),
        ("pcs-os apply --allow mo", ["move"]),
        ("pcs-os apply --allow move,sto", ["move,stop"]),
        ("pcs-os rollback --cib-file cib.xml ", ["20260101T000000-0.2"]),
        ("pcs-os forget --cib-file cib.xml ", ['R&D "x"', "shop"]),
        ("pcs-os forget --cib-file cib.xml shop --re", ["--release"]),
        ("pcs-os agents metadata re", ["redis"]),
        ("pcs-os lab fault k", ["kill"]),
        ("pcs-os lab up --release tr", ["trixie"]),
        ("pcs-os instances plan --fail d", ["db"]),
    ],
)
def test_completion_returns_candidates(directory: Path, line: str, words: list[str]) -> None:
    assert candidates(directory, line) == words


def test_keys_of_incomplete_document_are_found() -> None:
    assert list(keys(DOCUMENT, "resources")) == ["address", "proxy"]
    assert list(keys(DOCUMENT, "nodes")) == ["web[1-3]", "db"]
    assert list(keys(DOCUMENT, "vars")) == ["vip", "net"]
    assert list(keys(DOCUMENT, "order")) == []


#: The libraries that a completion may import. Each further library would delay every press of Tab.
LIBRARIES = {"pacemaker_os", "click", "lxml", "yaml"}

#: Optional modules that Python and lxml try to import.
OPTIONAL = {"org", "rnc2rng", "backports_abc"}

#: Slow modules of the standard library that no completion needs.
SLOW = {"asyncio", "argparse", "concurrent.futures", "http.client", "multiprocessing", "ssl"}


@pytest.mark.parametrize(("line", "maximum"), [("pcs-os pl", 200), ("pcs-os graph --fail ", 260)])
def test_completion_imports_few_modules(directory: Path, line: str, maximum: int) -> None:
    baseline = loaded([sys.executable, "-c", "pass"])
    more = loaded(["pcs-os"], cwd=directory, env=environment() | tab(line)) - baseline
    assert "pacemaker_os.cli.support.completion" in more
    assert {name.partition(".")[0] for name in more} - sys.stdlib_module_names <= LIBRARIES | OPTIONAL
    assert not more & SLOW
    assert len(more) < maximum


def loaded(command: list[str], **options: Any) -> set[str]:
    """Return the modules that a Python program imports."""
    env = options.pop("env", os.environ) | {"PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, **options)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


@pytest.mark.parametrize(("line", "words"), [("pcs-os pla", "plan"), ("pcs-os plan sh", "shop.cib.yaml")])
def test_bash_completes_commands_and_files(directory: Path, line: str, words: str) -> None:
    script = f"""
        source {SHIPPED / "pcs-os.bash"}
        complete -p pcs-os
        COMP_WORDS=({line}) COMP_CWORD={len(line.split()) - 1}
        _pcs_os pcs-os
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=directory, env=environment(), capture_output=True, text=True
    )
    assert done.stdout.splitlines()[1:] == [words]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(("line", "word"), [("pcs-os pla", "plan"), ("pcs-os plan sh", "shop.cib.yaml")])
def test_fish_completes_commands_and_files(directory: Path, line: str, word: str) -> None:
    script = f"source {SHIPPED / 'pcs-os.fish'}; complete --do-complete '{line}'"
    env = environment() | {"HOME": str(directory)}
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], cwd=directory, env=env, capture_output=True, text=True
    )
    assert [each.partition("\t")[0] for each in done.stdout.splitlines()] == [word]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize(("line", "word"), [("pcs-os pla", "plan"), ("pcs-os plan sh", "shop.cib.yaml")])
def test_zsh_completes_commands_and_files(directory: Path, line: str, word: str) -> None:
    """Run zsh in a terminal: it completes only there."""
    env = environment() | {"HOME": str(directory), "TERM": "dumb", "PS1": "ready> "}
    with pexpect.spawn("zsh", ["-f"], cwd=str(directory), env=env, encoding="utf-8", timeout=20) as shell:
        shell.sendline(f"fpath=({SHIPPED} $fpath); autoload -Uz compinit; compinit -u -D; PS1='ready''> '")
        shell.expect("ready> ")
        shell.send(f"{line}\t")
        shell.expect_exact(f"{word} ")
