"""What modules import, observed in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pacemaker_os.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]


def modules_after(statement: str) -> set[str]:
    """Return the modules of an interpreter, isolated from its environment, after `statement`."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_package_root_imports_nothing() -> None:
    before, after = modules_after("pass"), modules_after("import pacemaker_os")
    assert after - before == {"pacemaker_os"}


AGENT_MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("ocf", "agents")
    for path in (ROOT / "pacemaker_os" / package).rglob("*.py")
)


@pytest.mark.parametrize("module", AGENT_MODULES)
def test_agent_module_imports_only_the_standard_library(module: str) -> None:
    roots = {name.split(".")[0] for name in modules_after(f"import {module}")}
    assert roots - {"pacemaker_os", "__main__"} <= sys.stdlib_module_names


HEAVY = {"lxml", "yaml", "rich", "docker", "jinja2", "tenacity", "pexpect"}


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_imports_no_heavy_library(arguments: list[str]) -> None:
    program = [sys.executable, "-X", "importtime", "-m", "pacemaker_os", *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    assert not HEAVY & imported
