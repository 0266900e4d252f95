"""The pages are built, no link leads nowhere, and the reference is about everything that there is."""

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
    """The built pages. A warning is an error: a link to nowhere, a page that nothing leads to."""
    folder = tmp_path_factory.mktemp("site")
    line = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    built = subprocess.run(
        [*line, "-d", str(folder / "doctrees"), str(ROOT / "docs"), str(folder / "html")],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "html"


def test_links_between_pages_lead_somewhere(site: Path) -> None:
    """What Sphinx does not check: addresses in plain HTML."""
    dead = []
    for page in site.rglob("*.html"):
        for address in re.findall(r'(?:href|src)="([^"#?:]+)(?:[#?][^"]*)?"', page.read_text()):
            if not (page.parent / address).exists():
                dead.append((page.name, address))
    assert dead == []


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    loaded = {
        address
        for page in site.rglob("*.html")
        for address in re.findall(
            r'<(?:script|img|link)[^>]*(?:src|href)="(https?://[^"]+)"', page.read_text()
        )
    }
    assert loaded == set()


def test_editors_find_the_schema_at_the_top(site: Path) -> None:
    assert json.loads((site / "schema.json").read_text()) == document.json_schema()


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("commands", [f"pcs-os {name}" for name in COMMANDS]),
        ("agents", [f"ocf:pacemaker-os:{name}" for name in agent_names()]),
        ("document", list(document.json_schema()["properties"])),
        ("errors", ["unknown-key", "dangling", "conflict", "not-allowed", "unknown-parameter"]),
    ],
)
def test_the_reference_has_everything(site: Path, page: str, words: list[str]) -> None:
    text = (site / "reference" / f"{page}.html").read_text()
    assert [word for word in words if word not in text] == []
