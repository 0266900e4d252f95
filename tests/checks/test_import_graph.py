"""The import graph of the package: no cycles, and enough contracts to keep its layers."""

from __future__ import annotations

import configparser
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]

#: Packages whose internal layers have a contract of their own.
LAYERED = ["cib", "document", "plan", "cluster", "install", "agents.nova_evacuate"]


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """The modules that each module imports, at runtime or for type checking only."""
    graph = grimp.build_graph("pacemaker_os", cache_dir=str(ROOT / ".mypy_cache" / "grimp"))
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def reachable(start: str, imports: dict[str, set[str]]) -> set[str]:
    """Return the modules that a module imports, directly or indirectly."""
    found: set[str] = set()
    waiting = list(imports[start])
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += imports[module]
    return found


def cycles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return the strongly connected components of the graph that have several modules."""
    reach = {module: reachable(module, imports) for module in imports}
    components = {
        frozenset(other for other in reach[module] if module in reach[other])
        for module in imports
        if module in reach[module]
    }
    return sorted(sorted(component) for component in components)


def test_cycles_two_modules_are_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_package_has_no_import_cycle(imports: dict[str, set[str]]) -> None:
    assert cycles(imports) == []


@pytest.fixture(scope="module")
def contracts() -> list[configparser.SectionProxy]:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    return [settings[name] for name in settings.sections() if name.startswith("importlinter:contract:")]


def test_contracts_are_at_least_eight(contracts: list[configparser.SectionProxy]) -> None:
    assert len(contracts) >= 8


@pytest.mark.parametrize("package", LAYERED)
def test_package_has_layers_of_its_own(contracts: list[configparser.SectionProxy], package: str) -> None:
    containers = {name for contract in contracts for name in contract.get("containers", "").split()}
    assert f"pacemaker_os.{package}" in containers
