"""The house stands: its rooms, its walls, its linters."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = ["README.md", "setup.cfg", "pacemaker_os", "agents", "cib", "cli", "tests", "containers"]


def run(*argv: str) -> None:
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@pytest.mark.parametrize("entry", TOP_LEVEL)
def test_top_level_entry_exists(entry: str) -> None:
    assert (ROOT / entry).exists()


def test_ruff_finds_nothing() -> None:
    run(tool("ruff"), "check", "--no-cache", ".")


def test_format_is_settled() -> None:
    run(tool("ruff"), "format", "--no-cache", "--check", ".")


def test_types_hold() -> None:
    run(tool("mypy"))


def test_walls_stand() -> None:
    run(tool("lint-imports"), "--no-cache")


def modules_after(statement: str) -> set[str]:
    """The modules of a fresh interpreter, isolated from the environment, after `statement`."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_package_imports_nothing() -> None:
    before, after = modules_after("pass"), modules_after("import pacemaker_os")
    assert after - before == {"pacemaker_os"}


AGENT_MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for room in ("ocf", "agents")
    for path in (ROOT / "pacemaker_os" / room).rglob("*.py")
)


@pytest.mark.parametrize("module", AGENT_MODULES)
def test_agents_need_the_standard_library_alone(module: str) -> None:
    roots = {name.split(".")[0] for name in modules_after(f"import {module}")}
    assert roots - {"pacemaker_os", "__main__"} <= sys.stdlib_module_names


HEAVY = {"lxml", "yaml", "rich", "docker", "jinja2", "tenacity", "pexpect"}


def test_help_costs_no_heavy_import() -> None:
    code = "import sys, pacemaker_os.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & {name.split(".")[0] for name in done.stdout.split()}


def test_names_of_test_files_are_unique() -> None:
    """pytest imports test files by their bare names: two of one name cannot run together."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert len(names) == len(set(names))
