"""Programs that run on hosts: what all of them have in common, and Neutron's, run with fakes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from programs import INSTALLED

from pacemaker_os.install.nodes.program import installed_programs
from pacemaker_os.openstack.definitions import SERVICES

PROGRAMS = sorted(path for path in INSTALLED.glob("*.py") if path.name != "__init__.py")

#: A model of Neutron: two routers on agents that are down, one of them with HA.
NEUTRON = {
    "neutron/cmd/eventlet.py": "import neutron\n\nneutron.patched = True\n",
    "neutron/objects/l3agent.py": """\
class Binding:
    def __init__(self, router_id):
        self.router_id = router_id

class RouterL3AgentBinding:
    @staticmethod
    def get_down_router_bindings(context, cutoff):
        return [Binding("with-ha"), Binding("without-ha"), Binding("unknown")]
""",
    "neutron/objects/router.py": """\
class Attributes:
    def __init__(self, ha):
        self.ha = ha

class RouterExtraAttributes:
    @staticmethod
    def get_object(context, router_id):
        return {"with-ha": Attributes(True), "without-ha": Attributes(False)}.get(router_id)
""",
    "neutron/manager.py": "def init():\n    pass\n",
    "neutron/service.py": """\
from neutron.objects.l3agent import RouterL3AgentBinding

class Workers:
    def wait(self):
        print(*[binding.router_id for binding in RouterL3AgentBinding.get_down_router_bindings(None, None)])

def start_plugins_workers():
    return Workers()
""",
    "neutron/server.py": """\
import neutron

def boot_server(function):
    assert neutron.patched
    function()
""",
}

#: A model of SQLAlchemy, and of the packaged application.
SQLALCHEMY = {"sqlalchemy/orm.py": "def configure_mappers():\n    print('configured')\n"}
APPLICATION = "application = 'application of ' + __name__\n"


def packages(directory: Path, files: dict[str, str]) -> Path:
    """Write packages with these files."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for parent in path.relative_to(directory).parents[:-1]:
            (directory / parent / "__init__.py").touch()
    return directory


def run(program: Path | str, directory: Path) -> str:
    """Run a program with packages in a directory, and return its output."""
    line = [sys.executable, *(["-c", program] if isinstance(program, str) else [str(program)])]
    environ = {"PYTHONPATH": str(directory)}
    done = subprocess.run(line, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program_parses_with_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 9))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program_does_not_import_this_package(path: Path) -> None:
    assert "pacemaker_os" not in {
        name.name.partition(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
    }


def test_service_definitions_name_every_program() -> None:
    named = {file.program for service in SERVICES.values() for file in service.files if file.program}
    assert named == {path.name for path in PROGRAMS} == set(installed_programs())


def test_executable_programs_have_an_interpreter_line() -> None:
    files = [file for service in SERVICES.values() for file in service.files if file.program]
    for file in files:
        if file.mode & 0o111:
            assert installed_programs()[file.program].startswith("#!/usr/bin/python3\n")


def test_neutron_periodic_reschedules_routers_without_ha_only(tmp_path: Path) -> None:
    directory = packages(tmp_path, NEUTRON)
    assert run(INSTALLED / "neutron_periodic.py", directory) == "without-ha unknown\n"


def test_neutron_api_wsgi_configures_mappers_and_keeps_the_application(tmp_path: Path) -> None:
    directory = packages(tmp_path, SQLALCHEMY)
    (directory / "neutron-api").write_text(APPLICATION)
    source = (INSTALLED / "neutron_api_wsgi.py").read_text()
    program = source.replace("/usr/bin/neutron-api", str(directory / "neutron-api"))
    assert run(f"{program}\nprint(application)\n", directory) == "configured\napplication of neutron_api\n"
