"""Tab in three shells: what is offered, and that it comes soon."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from pacemaker_os.cli.completion import keys

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "cli" / "completions"

DOCUMENT = """\
# half written
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
<cib><configuration><nodes><node id="1" uname="left"/><node type="member" uname="right" id="2"/></nodes>
<resources><primitive id="vip"/><clone id="c"><primitive id="p"/></clone></resources></configuration></cib>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.cib.yaml").write_text(DOCUMENT)
    (tmp_path / "cib.xml").write_text(CIB)
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "parts").mkdir()
    (tmp_path / "cib.xml.history").mkdir()
    (tmp_path / "cib.xml.history" / "20260101T000000-0.2.json").write_text("{}")
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def offered(folder: Path, line: str) -> list[str]:
    """What pcs-os offers at the end of a line."""
    words = line.split()
    place = len(words) - (0 if line.endswith(" ") else 1)
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(place), "_PCS_OS_COMPLETE": "bash_complete"}
    done = subprocess.run(
        ["pcs-os"], cwd=folder, env=environment() | asked, capture_output=True, text=True, check=True
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
        ("pcs-os graph --lose ", ["db", "web1", "web2", "web3"]),
        ("pcs-os graph --cib-file cib.xml --lose ", ["left", "right"]),
        ("pcs-os graph --cib-file cib.xml --lose left --lose ", ["right"]),
        ("pcs-os apply --allow mo", ["move"]),
        ("pcs-os apply --allow move,sto", ["move,stop"]),
        ("pcs-os rollback --cib-file cib.xml ", ["20260101T000000-0.2"]),
        ("pcs-os agents metadata re", ["redis"]),
        ("pcs-os lab fault k", ["kill"]),
        ("pcs-os lab up --release tr", ["trixie"]),
        ("pcs-os instances plan --fail d", ["db"]),
    ],
)
def test_offers(folder: Path, line: str, words: list[str]) -> None:
    assert offered(folder, line) == words


def test_a_document_that_is_half_written_tells_its_names() -> None:
    assert list(keys(DOCUMENT, "resources")) == ["address", "proxy"]
    assert list(keys(DOCUMENT, "nodes")) == ["web[1-3]", "db"]
    assert list(keys(DOCUMENT, "vars")) == ["vip", "net"]
    assert list(keys(DOCUMENT, "order")) == []


def test_it_comes_soon(folder: Path) -> None:
    """One Tab takes less of a processor than loading the command line's library six times."""
    line = [sys.executable, "-c", "import click"]
    pairs = [
        (
            spent(lambda: subprocess.run(line, check=True)),
            spent(lambda: offered(folder, "pcs-os graph --lose ")),
        )
        for _ in range(6)
    ]
    library, tab = (sorted(times)[1] for times in zip(*pairs, strict=True))
    assert tab < 6 * library


def spent(work: Callable[[], object]) -> float:
    """Seconds of a processor that the commands took which `work` ran."""
    before = os.times()
    work()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.parametrize(("line", "words"), [("pcs-os pla", "plan"), ("pcs-os plan sh", "shop.cib.yaml")])
def test_bash(folder: Path, line: str, words: str) -> None:
    script = f"""
        source {SHIPPED / "pcs-os.bash"}
        complete -p pcs-os
        COMP_WORDS=({line}) COMP_CWORD={len(line.split()) - 1}
        _pcs_os pcs-os
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=folder, env=environment(), capture_output=True, text=True
    )
    assert done.stdout.splitlines()[1:] == [words]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed here")
@pytest.mark.parametrize(("line", "word"), [("pcs-os pla", "plan"), ("pcs-os plan sh", "shop.cib.yaml")])
def test_fish(folder: Path, line: str, word: str) -> None:
    script = f"source {SHIPPED / 'pcs-os.fish'}; complete --do-complete '{line}'"
    env = environment() | {"HOME": str(folder)}
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], cwd=folder, env=env, capture_output=True, text=True
    )
    assert [each.partition("\t")[0] for each in done.stdout.splitlines()] == [word]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed here")
@pytest.mark.parametrize(("line", "word"), [("pcs-os pla", "plan"), ("pcs-os plan sh", "shop.cib.yaml")])
def test_zsh(folder: Path, line: str, word: str) -> None:
    """In a terminal, as zsh completes nowhere else."""
    env = environment() | {"HOME": str(folder), "TERM": "dumb", "PS1": "ready> "}
    with pexpect.spawn("zsh", ["-f"], cwd=str(folder), env=env, encoding="utf-8", timeout=20) as shell:
        shell.sendline(f"fpath=({SHIPPED} $fpath); autoload -Uz compinit; compinit -u -D; PS1='ready''> '")
        shell.expect("ready> ")
        shell.send(f"{line}\t")
        shell.expect_exact(f"{word} ")
