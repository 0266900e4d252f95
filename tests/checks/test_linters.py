"""Style, types and import contracts, checked by ruff, mypy and import-linter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CHECKS = {
    "style": ["ruff", "check", "--no-cache", "."],
    "format": ["ruff", "format", "--no-cache", "--check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports", "--cache-dir", ".mypy_cache/import-linter"],
}


@pytest.mark.parametrize("check", CHECKS)
def test_linter_reports_no_problem(check: str) -> None:
    program, *arguments = CHECKS[check]
    line = [str(Path(sys.executable).with_name(program)), *arguments]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
