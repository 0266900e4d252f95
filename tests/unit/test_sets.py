"""The sets of run-tests leave no file of a folder out."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_of_the_cloud_is_in_its_set_and_none_twice() -> None:
    runs = runpy.run_path(str(ROOT / "run-tests"))["LANES"]["openstack"]
    chosen = [word for words in runs for word in words if word.startswith("tests/")]
    there = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/openstack").glob("test_*.py"))
    assert sorted(chosen) == there
