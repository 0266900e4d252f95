"""The pictures are small, load nothing from other hosts, and can be regenerated."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parents[2]
DIRECTORY = ROOT / "docs" / "pictures"
PICTURES = sorted(DIRECTORY.glob("*.svg"))

#: Largest size of a picture, in bytes.
MAXIMUM = 64_000


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_picture_is_small_and_self_contained(picture: Path) -> None:
    assert picture.stat().st_size < MAXIMUM
    root = etree.fromstring(picture.read_bytes())
    assert etree.QName(root).localname == "svg"
    drawn = re.sub(
        r'<!--.*?-->|xmlns(:\w+)?="[^"]*"|<!DOCTYPE[^>]*>', "", picture.read_text(), flags=re.DOTALL
    )
    assert "://" not in drawn


@pytest.mark.skipif(
    not all(map(shutil.which, ("crm_simulate", "dot"))),
    reason="Pacemaker's tools or graphviz are not installed",
)
def test_make_regenerates_every_picture(tmp_path: Path) -> None:
    line = [sys.executable, str(DIRECTORY / "make.py"), "--to", str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path.name: path.read_text().replace("&#160;", " ") for path in tmp_path.glob("*.svg")}
    assert set(made) >= {path.name for path in PICTURES} - {"failover.svg", "architecture.svg"}
    assert "restart" in made["plan.svg"]
    assert "unknown-key" in made["validate.svg"]
    assert "quorum" in made["status.svg"]
    assert "OK: every service survives" in made["check.svg"]
    assert made["session.svg"].count('class="row"') > 20


def test_architecture_picture_shows_the_imports() -> None:
    """Compare boxes and arrows; the number of modules in a box may differ."""
    code = "import make_architecture; print(make_architecture.draw(), end='')"
    line = [sys.executable, "-c", code]
    drawn = subprocess.run(line, cwd=DIRECTORY, capture_output=True, text=True, check=True).stdout
    without_sizes = [
        re.sub(r"\d+ modules", "", text) for text in (drawn, (DIRECTORY / "architecture.svg").read_text())
    ]
    assert without_sizes[0] == without_sizes[1], "run: python docs/pictures/make_architecture.py"
