"""The documentation builds without warnings, its links work, and the reference is complete."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pacemaker_os import document
from pacemaker_os.cli.main import COMMANDS
from pacemaker_os.install.agents import agent_names

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages. Warnings such as broken links and unreachable pages are errors."""
    directory = tmp_path_factory.mktemp("site")
    line = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    built = subprocess.run(
        [*line, "-d", str(directory / "doctrees"), str(ROOT / "docs"), str(directory / "html")],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return directory / "html"


def test_links_between_pages_are_valid(site: Path) -> None:
    """Check the addresses in HTML, which Sphinx does not check."""
    broken = []
    for page in site.rglob("*.html"):
        for address in re.findall(r'(?:href|src)="([^"#?:]+)(?:[#?][^"]*)?"', page.read_text()):
            if not (page.parent / address).exists():
                broken.append((page.name, address))
    assert broken == []


def test_pages_load_nothing_from_other_hosts(site: Path) -> None:
    loaded = {
        address
        for page in site.rglob("*.html")
        for address in re.findall(
            r'<(?:script|img|link)[^>]*(?:src|href)="(https?://[^"]+)"', page.read_text()
        )
    }
    assert loaded == set()


def test_site_has_the_schema_at_its_top(site: Path) -> None:
    assert json.loads((site / "schema.json").read_text()) == document.json_schema()


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("commands", [f"pcs-os {name}" for name in COMMANDS]),
        ("agents", [f"ocf:pacemaker-os:{name}" for name in agent_names()]),
        ("document", list(document.json_schema()["properties"])),
        ("errors", ["unknown-key", "dangling", "conflict", "not-allowed", "unknown-parameter"]),
    ],
)
def test_reference_is_complete(site: Path, page: str, names: list[str]) -> None:
    text = (site / "reference" / f"{page}.html").read_text()
    assert [name for name in names if name not in text] == []
