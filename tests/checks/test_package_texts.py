"""The metadata of the Debian and RPM packages agrees with the code."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pacemaker_os import __version__

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "packaging/rpm/pacemaker-os.spec"


def test_debian_changelog_has_the_version() -> None:
    first = (ROOT / "packaging/debian/changelog").read_text().splitlines()[0]
    assert first.startswith(f"pacemaker-os ({__version__})")


def test_rpm_spec_has_the_version() -> None:
    assert re.search(r"^Version:\s+(\S+)$", SPEC.read_text(), re.MULTILINE)[1] == __version__  # type: ignore[index]


def test_packages_have_the_license_of_the_project() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "\nlicense = Apache-2.0\n" in (ROOT / "setup.cfg").read_text()
    assert "\nLicense: Apache-2.0\n" in (ROOT / "packaging/debian/copyright").read_text()
    assert re.search(r"^License:\s+Apache-2.0$", SPEC.read_text(), re.MULTILINE)


@pytest.mark.skipif(shutil.which("rpmspec") is None, reason="rpm is not installed here")
def test_rpm_spec_is_valid() -> None:
    line = ["rpmspec", "-q", "--qf", "%{name} %{version}\n", str(SPEC)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        f"pacemaker-os {__version__}",
        f"pacemaker-os-agents {__version__}",
    ], done.stderr


@pytest.mark.skipif(shutil.which("rpmlint") is None, reason="rpmlint is not installed here")
def test_rpm_spec_passes_rpmlint() -> None:
    line = ["rpmlint", "--rpmlintrc", str(SPEC.with_suffix(".rpmlintrc")), str(SPEC)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert " 0 errors, 0 warnings" in done.stdout, done.stdout
