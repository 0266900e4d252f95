"""The pictures can be made again by anyone, are small, and fetch nothing from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
PICTURES = sorted(FOLDER.glob("*.svg"))

#: Bytes; a page with all of them loads in a moment.
LARGEST = 64_000


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture(picture: Path) -> None:
    assert picture.stat().st_size < LARGEST
    root = etree.fromstring(picture.read_bytes())
    assert etree.QName(root).localname == "svg"
    drawn = re.sub(
        r'<!--.*?-->|xmlns(:\w+)?="[^"]*"|<!DOCTYPE[^>]*>', "", picture.read_text(), flags=re.DOTALL
    )
    assert "://" not in drawn


@pytest.mark.skipif(
    not all(map(shutil.which, ("crm_simulate", "dot"))), reason="Pacemaker's tools or graphviz are not here"
)
def test_they_are_made_again(tmp_path: Path) -> None:
    line = [sys.executable, str(FOLDER / "make.py"), "--to", str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path.name: path.read_text() for path in tmp_path.glob("*.svg")}
    assert set(made) >= {path.name for path in PICTURES} - {"failover.svg"}
    assert "restart" in made["plan.svg"]
    assert "unknown-key" in made["validate.svg"]
    assert "quorum" in made["status.svg"]
    assert "Proven" in made["check.svg"]
    assert made["session.svg"].count('class="row"') > 20
