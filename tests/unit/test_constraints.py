"""The constraints files, and the bounds of dependencies in setup.cfg."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ["constraints.txt", "constraints-test.txt", "constraints-oldest.txt"]


def bounds(*extras: str) -> dict[str, tuple[str, str]]:
    """Return the lower and the upper bound of each direct dependency."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    lines = settings["options"]["install_requires"].split()
    for extra in extras:
        lines += settings["options.extras_require"][extra].split()
    found = (re.fullmatch(r"([\w-]+)>=([\d.]+),<([\d.]+)", line) for line in lines if "[" not in line)
    return {match[1].lower(): (match[2], match[3]) for match in found if match}


def pins(name: str) -> dict[str, str]:
    """Return the pinned versions of a constraints file."""
    text = (ROOT / name).read_text()
    return {match[1]: match[2] for match in re.finditer(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


ALL = bounds("build", "docs", "test")


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    names = settings["options"]["install_requires"].split()
    names += [name for lines in settings["options.extras_require"].values() for name in lines.split()]
    direct = {re.split(r"[<>=,]", name)[0].lower() for name in names if "[" not in name}
    assert direct == set(ALL)


@pytest.mark.parametrize("name", FILES)
def test_constraints_have_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", FILES)
def test_constraints_pin_direct_dependencies_within_their_bounds(name: str) -> None:
    pinned = pins(name)
    for dependency, (lower, upper) in (bounds("build") if name == "constraints.txt" else ALL).items():
        assert as_numbers(lower) <= as_numbers(pinned[dependency])[:4], dependency
        assert as_numbers(pinned[dependency]) < as_numbers(upper), dependency


def test_constraints_of_tests_extend_those_of_the_program() -> None:
    assert pins("constraints.txt").items() <= pins("constraints-test.txt").items()


def test_oldest_constraints_are_the_lower_bounds() -> None:
    pinned = pins("constraints-oldest.txt")
    for dependency, (lower, _) in ALL.items():
        assert pinned[dependency].startswith(lower.removesuffix(".0")), dependency
