"""Families and releases: their names appear in tables and in the data of service definitions only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pacemaker_os
from pacemaker_os.lab.releases import RELEASES as DEBIAN_RELEASES
from pacemaker_os.openstack.families import FAMILIES, DistroNames
from pacemaker_os.openstack.releases import RELEASES

PACKAGE = Path(pacemaker_os.__file__).parent

#: The tables, and the data of service definitions.
DATA = (
    "openstack/families.py",
    "openstack/releases.py",
    "openstack/services/",
    "openstack/parts/",
    "lab/releases.py",
)

NAMES = re.compile(
    rf"(?<![\w.])(?:{'|'.join(map(re.escape, (*FAMILIES, *RELEASES, *DEBIAN_RELEASES)))})(?![\w])"
)


def test_family_and_release_names_are_in_data_only() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in (".py", ".j2", ".json") and not str(path.relative_to(PACKAGE)).startswith(DATA)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if NAMES.search(line)
    ]
    assert found == []


def test_service_definitions_do_not_compare_families_or_releases() -> None:
    texts = [
        path.read_text()
        for directory in ("services", "parts")
        for path in (PACKAGE / "openstack" / directory).glob("*.py")
    ]
    assert [text for text in texts if re.search(r"(family|release)(\.name)? *[=!]=", text)] == []


@pytest.mark.parametrize(
    ("names", "family", "expected"),
    [
        ({"debian": ("a",)}, "debian", ("a",)),
        ({"debian": ("a",)}, "ubuntu", ("a",)),
        ({"debian": ("a",), "ubuntu": ()}, "ubuntu", ()),
        ({"debian": ("a",), "ubuntu": ("b",)}, "ubuntu", ("b",)),
        ({"debian": ("a",)}, "redhat", ()),
        ({"debian": ("a",), "redhat": ("c",)}, "redhat", ("c",)),
    ],
)
def test_distro_names_of_a_family_without_names_are_its_parents(
    names: dict[str, tuple[str, ...]], family: str, expected: tuple[str, ...]
) -> None:
    assert DistroNames(**names).of(family) == expected


def test_distro_names_reject_unknown_families() -> None:
    with pytest.raises(AssertionError):
        DistroNames(slackware=("a",))
