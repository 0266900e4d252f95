"""The lanes of run-tests include every test file."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_openstack_lane_includes_every_test_once() -> None:
    runs = runpy.run_path(str(ROOT / "run-tests"))["LANES"]["openstack"]
    selected = [argument for run in runs for argument in run if argument.startswith("tests/")]
    existing = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/openstack").glob("test_*.py"))
    assert sorted(selected) == existing
