"""What packagers wrote by hand agrees with the code."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pacemaker_os import __version__

ROOT = Path(__file__).parents[3]
SPEC = ROOT / "packaging/rpm/pacemaker-os.spec"


def test_debian_names_the_version() -> None:
    first = (ROOT / "packaging/debian/changelog").read_text().splitlines()[0]
    assert first.startswith(f"pacemaker-os ({__version__})")


def test_the_spec_names_the_version() -> None:
    assert re.search(r"^Version:\s+(\S+)$", SPEC.read_text(), re.MULTILINE)[1] == __version__  # type: ignore[index]


def test_no_licence_is_invented() -> None:
    assert "License: not-chosen" in (ROOT / "packaging/debian/copyright").read_text()
    assert "LicenseRef-not-chosen" in SPEC.read_text()


@pytest.mark.skipif(shutil.which("rpmspec") is None, reason="rpm is not installed here")
def test_the_spec_can_be_read() -> None:
    line = ["rpmspec", "-q", "--qf", "%{name} %{version}\n", str(SPEC)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        f"pacemaker-os {__version__}",
        f"pacemaker-os-agents {__version__}",
    ], done.stderr


@pytest.mark.skipif(shutil.which("rpmlint") is None, reason="rpmlint is not installed here")
def test_rpmlint_finds_nothing() -> None:
    line = ["rpmlint", "--rpmlintrc", str(SPEC.with_suffix(".rpmlintrc")), str(SPEC)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert " 0 errors, 0 warnings" in done.stdout, done.stdout
