"""The wheel and the sdist are complete, and an installation works without the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Files and directories that a build needs.
SOURCES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "pacemaker_os", "cib", "cli")

SHARED = {
    "share/bash-completion/completions/pcs-os.bash",
    "share/fish/vendor_completions.d/pcs-os.fish",
    "share/man/man1/pcs-os.1",
    "share/pacemaker-os/cib/quickstart.cib.yaml",
    "share/pacemaker-os/cib/schema.json",
    "share/pacemaker-os/cib/topologies/three-controllers.yaml",
    "share/zsh/site-functions/_pcs-os",
}


def run(*line: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist, and the wheel that was built from it."""
    copy, directory = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy / name)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", directory, copy, cwd=directory)
    return directory


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel, and with the dependencies of this environment."""
    directory = tmp_path_factory.mktemp("installed")
    venv.create(directory, with_pip=False)
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(directory)]
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=directory)
    (packages,) = directory.glob("lib/python3*/site-packages")
    (packages / "required.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return directory


def source_files() -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / "pacemaker_os").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_wheel_has_every_file_of_the_package(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert source_files() - names == set()
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert {name.partition(".data/data/")[2] for name in names if ".data/data/" in name} >= SHARED


def test_sdist_has_every_file_for_a_build(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert source_files() - names == set()
    assert {"setup.cfg", "pyproject.toml", "LICENSE", "cli/man/pcs-os.1", "cib/schema.json"} <= names


def test_installation_has_shared_files(environment: Path) -> None:
    assert {name for name in SHARED if not (environment / name).is_file()} == set()


def test_installed_command_works_without_the_repository(environment: Path, tmp_path: Path) -> None:
    program = environment / "bin" / "pcs-os"
    where = "import pacemaker_os; print(pacemaker_os.__file__)"
    assert run(environment / "bin" / "python", "-c", where, cwd=tmp_path).startswith(str(environment))
    shipped = environment / "share/pacemaker-os/cib/quickstart.cib.yaml"
    assert "10 objects" in run(program, "validate", shipped, cwd=tmp_path)
    assert "Done" in run(program, "apply", "--yes", "--cib-file", "cib.xml", shipped, cwd=tmp_path)
    assert "galera" in run(program, "agents", "list", cwd=tmp_path)
