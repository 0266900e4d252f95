"""The work of a command grows with its input only: what it imports, and how often it runs the scheduler.

Counts are compared, not times, which depend on the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pacemaker_os.cib import meaning
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.planning.planner import prepare_document
from pacemaker_os.document import Source, read
from pacemaker_os.plan.diff.compare import PlanOptions

needs_scheduler = pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed")

ROOT = Path(__file__).parents[2]

#: Modules that take longer to import than most commands run, or that no part of these commands needs.
HEAVY = {
    *("asyncio", "concurrent", "cryptography", "decimal", "difflib", "docker", "email", "http", "jinja2"),
    *("jsonschema", "logging", "multiprocessing", "pexpect", "rich", "socket", "ssl", "statistics"),
    *("tenacity", "unittest", "xml"),
}

#: Packages that the start of every command needs.
START = {"pacemaker_os.cli", "pacemaker_os.errors", "pacemaker_os.dataclass", "pacemaker_os.text"}


def document(clones: int) -> str:
    """Return a document of clones, each of which starts after the previous one."""
    lines = ["nodes:", "  n[1-3]: {role: controller}", "properties: {stonith-enabled: false}", "resources:"]
    lines += [
        f"  r{n}: {{agent: ocf:pacemaker:Dummy, params: {{fake: x}}, monitor: 10s, clone: {{}}}}"
        for n in range(clones)
    ]
    return "\n".join([*lines, "order:", *(f"  - r{n} then r{n + 1}" for n in range(clones - 1))]) + "\n"


def pcs_os(directory: Path, *arguments: str) -> tuple[set[str], list[str]]:
    """Run a command; return the modules that it imported, and the programs that it ran."""
    programs = directory / "programs"
    directory.mkdir(exist_ok=True)
    for name in ("crm_simulate", "crm_mon", "cibadmin", "crm_verify"):
        stub = directory / name
        stub.write_text(f'#!/bin/sh\necho {name} >>{programs}\nexec {shutil.which(name)} "$@"\n')
        stub.chmod(0o755)
    line = [sys.executable, "-X", "importtime", "-m", "pacemaker_os", *arguments]
    path = f"{directory}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(line, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode in (0, 2), done.stderr[-2000:]
    lines = (each.rpartition("|") for each in done.stderr.splitlines())
    imported = {name.strip() for head, _, name in lines if head.startswith("import time:")}
    assert "click" in imported
    return imported, sorted(programs.read_text().split()) if programs.exists() else []


def roots(imported: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in imported}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_imports_no_other_package(option: str, tmp_path: Path) -> None:
    imported, programs = pcs_os(tmp_path / "bin", option)
    own = {".".join(name.split(".")[:2]) for name in imported if name.startswith("pacemaker_os.")}
    assert own - START <= {"pacemaker_os.__main__"}
    assert not roots(imported) & (HEAVY | {"lxml", "yaml"})
    assert programs == []


@needs_scheduler
def test_plan_imports_nothing_heavy_and_runs_few_programs(tmp_path: Path) -> None:
    text = tmp_path / "site.cib.yaml"
    text.write_text(document(3))
    cib = ("--cib-file", str(tmp_path / "cib.xml"))
    imported, programs = pcs_os(tmp_path / "new", "plan", *cib, str(text))
    assert not roots(imported) & HEAVY
    assert programs == ["cibadmin", "crm_simulate", "crm_simulate"]
    pcs_os(tmp_path / "apply", "apply", "--yes", *cib, str(text))
    _, programs = pcs_os(tmp_path / "same", "plan", *cib, str(text))
    assert programs == ["crm_simulate"]


@needs_scheduler
def test_status_imports_nothing_heavy(tmp_path: Path) -> None:
    text = tmp_path / "site.cib.yaml"
    text.write_text(document(3))
    cib = ("--cib-file", str(tmp_path / "cib.xml"))
    pcs_os(tmp_path / "apply", "apply", "--yes", *cib, str(text))
    imported, _ = pcs_os(tmp_path / "status", "status", *cib)
    # The parts of a status are read by a pool of threads.
    assert not roots(imported) & (HEAVY - {"concurrent", "logging"})


def calls_of_a_plan(clones: int, directory: Path) -> int:
    """Return the number of calls of Python functions in a plan."""
    target = Target(cib_file=str(directory / f"{clones}.xml"))
    source = Source("site.cib.yaml", document(clones))
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        prepare_document(connect(target), read([source]), PlanOptions(new_nodes=True))
    finally:
        sys.setprofile(None)
    return counted


def test_work_of_a_plan_is_proportional_to_its_resources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pacemaker_os.cluster.cluster.is_scheduler_installed", lambda: False)
    calls_of_a_plan(10, tmp_path)
    few, many = calls_of_a_plan(50, tmp_path), calls_of_a_plan(200, tmp_path)
    assert many < 4.4 * few


def test_meaning_of_a_resource_is_computed_twice_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pacemaker_os.cluster.cluster.is_scheduler_installed", lambda: False)
    seen: list[str] = []
    original = meaning.meaning

    def counted(element: object) -> object:
        if getattr(element, "tag", "") == "primitive":
            seen.append(str(getattr(element, "id", "")))
        return original(element)

    monkeypatch.setattr(meaning, "meaning", counted)
    calls_of_a_plan(20, tmp_path)
    assert len(seen) <= 2 * 20
