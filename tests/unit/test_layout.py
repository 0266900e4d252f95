"""The layout of the repository."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TOP_LEVEL = [
    *("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *("setup.cfg", "pyproject.toml", "constraints.txt", "quickstart", "run-tests"),
    *("pacemaker_os", "agents", "cib", "cli", "containers"),
    *("tests", "benchmarks", "docs", "packaging"),
]

#: The largest number of modules side by side in a directory of the package.
MOST_MODULES = 20

#: Directories with one module per service or per command.
CATALOGS = {"pacemaker_os/openstack/services", "pacemaker_os/cli"}


@pytest.mark.parametrize("entry", TOP_LEVEL)
def test_top_level_entry_exists(entry: str) -> None:
    assert (ROOT / entry).exists()


def test_directories_of_the_package_are_small() -> None:
    modules = (ROOT / "pacemaker_os").rglob("*.py")
    counts = Counter(str(path.parent.relative_to(ROOT)) for path in modules if path.name != "__init__.py")
    large = {directory: count for directory, count in counts.items() if count > MOST_MODULES}
    assert set(large) - CATALOGS == set(), large


def test_names_of_test_files_are_unique() -> None:
    """pytest imports test files by their bare names, so two files of one name cannot run together."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_path_in_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    tops = "|".join(re.escape(path.name) for path in ROOT.iterdir() if not path.name.startswith("."))
    paths = re.findall(rf"`((?:{tops})(?:/[\w./-]*)?)`", text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
