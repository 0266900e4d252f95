"""Run the commands of `plan --format pcs` on a CIB file."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_cib, parse_xml
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.compare import PlanOptions, compare
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.plan.pcs import pcs_commands

#: The program that runs the commands.
SERVER = Path(__file__).with_name("pcs_server.py")

OPTIONS = PlanOptions(new_nodes=True, authoritative=True)


def as_cib(configuration: Cib) -> etree._Element:
    """Return the configuration in a `<cib>`."""
    cib = etree.Element("cib", epoch="1", num_updates="0", admin_epoch="0")
    cib.append(parse_xml(configuration.to_xml()))
    return cib


def plan_of(cib: etree._Element, desired: Cib) -> Plan:
    """Return the plan that turns a `<cib>` into the desired configuration."""
    configuration = content.configuration(cib)
    live = Cib.from_element(configuration)
    changes = compare(live, desired, tree=configuration, options=OPTIONS)
    return Plan(document="d", cluster="c", base=Version(0, 1, 0), digest="", changes=changes)


class Runner(ABC):
    """Runs the commands as a shell does, with pcs and cibadmin on a CIB file. pcs runs in one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._server: subprocess.Popen[str] | None = None

    @abstractmethod
    def server(self) -> list[str]:
        """Return the command line of `pcs_server.py`."""

    @abstractmethod
    def read(self) -> bytes:
        """Return the content of the file."""

    def execute(self, argv: list[str]) -> tuple[int, str]:
        """Run a command with the file as the CIB; return its exit status and output."""
        if self._server is None:
            environment = {**os.environ, "CIB_file": str(self.path)}
            pipe = subprocess.PIPE
            self._server = subprocess.Popen(
                self.server(), stdin=pipe, stdout=pipe, env=environment, text=True, encoding="utf-8"
            )
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(argv) + "\n")
        self._server.stdin.flush()
        status, output = json.loads(self._server.stdout.readline())
        return status, output

    def close(self) -> None:
        """Stop the process that runs pcs."""
        if self._server is not None:
            self._server.communicate()

    def empty(self) -> None:
        """Create the file with an empty CIB."""
        assert self.execute(["sh", "-c", f"cibadmin --empty > {self.path}"])[0] == 0

    def run(self, command: str) -> None:
        """Run a shell command. Raises AssertionError if it fails."""
        argv = shlex.split(command) if command.startswith("pcs ") else ["sh", "-c", command]
        if argv[0] == "pcs":
            argv[1:1] = ["-f", str(self.path)]
        status, output = self.execute(argv)
        assert status == 0, f"{command}\n{output}"

    def remaining(self, desired: Cib) -> tuple[ConfigChange, ...]:
        """Run the commands for `desired`, and return the changes that they leave and an apply would not."""
        cib = parse_cib(self.read())
        plan = plan_of(cib, desired)
        for line in pcs_commands(plan, cib):
            self.run(line)
        left = plan_of(parse_cib(self.read()), desired).object_changes
        applied = plan_of(planned(cib, plan.changes), desired).object_changes
        after_apply = {change.key for change in applied}
        return tuple(change for change in left if change.key not in after_apply)

    def check(self, *several: Cib) -> None:
        """Check the commands for each configuration, the first of them on an empty CIB."""
        self.empty()
        for desired in several:
            try:
                left = self.remaining(desired)
            except InputError:
                return  # The document is rejected, so there are no commands.
            assert not left, [(change.key, change.details) for change in left]


class LocalRunner(Runner):
    """Runs the commands on this machine."""

    def server(self) -> list[str]:
        assert shutil.which("pcs"), "pcs is not installed (Debian: pcs)"
        return [_interpreter(), str(SERVER)]

    def read(self) -> bytes:
        return self.path.read_bytes()


def _interpreter() -> str:
    """Return the Python that pcs is installed for."""
    first = Path(str(shutil.which("pcs"))).read_text().splitlines()[0]
    return first.removeprefix("#!").split()[0]
