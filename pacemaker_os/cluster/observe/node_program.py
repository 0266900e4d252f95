"""Programs on nodes: their modules and the query travel on standard input, the response is JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.process import OutputLimitExceeded, TimeoutExceeded, run_process
from pacemaker_os.transport.shell import ShellTransport

_DIRECTORY = Path(__file__).parent / "programs"

#: The package of the modules, as they import each other.
_PACKAGE = "pacemaker_os.cluster.observe.programs"

#: The modules of node_facts, each after those that it imports.
NODE_FACTS = ("commands", "daemons", "storage", "network", "logs", "node_facts")

_INTERPRETER = ("/usr/bin/python3", "-I", "-")

#: Maximum size of a response, in bytes.
_LIMIT = 4 * 1024 * 1024

#: Defines the modules on the node.
_LOADER = """
import json, sys, types
def load(package, sources):
    parts = package.split(".")
    for number in range(len(parts)):
        name = ".".join(parts[: number + 1])
        module = sys.modules[name] = types.ModuleType(name)
        module.__path__ = []
    for name, source in sources.items():
        module = sys.modules[f"{package}.{name}"] = types.ModuleType(f"{package}.{name}")
        setattr(sys.modules[package], name, module)
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    return module
"""


@cache
def _sources(modules: Sequence[str]) -> str:
    texts = {name: (_DIRECTORY / f"{name}.py").read_text(encoding="utf-8") for name in modules}
    return json.dumps(texts)


def program_text(modules: Sequence[str], query: object) -> str:
    """Return a program that defines the modules and calls `main` of the last one with the query."""
    sources = f"json.loads({_sources(tuple(modules))!r})"
    return f"{_LOADER}\nload({_PACKAGE!r}, {sources}).main(json.loads({json.dumps(query)!r}))\n"


def run_node_program(
    transport: ShellTransport, modules: Sequence[str], query: object, *, seconds: float
) -> Any:
    """Return the response of a program, within `seconds`, which include the connection.

    In contrast to a command of a transport, nothing is cleaned up on a node that does not answer in time: the
    program ends by itself. Raises TransportError.
    """
    line = transport.client_line(["timeout", "--signal=KILL", f"{seconds + 1:g}", *_INTERPRETER])
    try:
        done = run_process(line, input=program_text(modules, query).encode(), timeout=seconds, limit=_LIMIT)
    except TimeoutExceeded:
        raise TransportError(f"{transport.name} does not answer within {seconds:g} s") from None
    except OutputLimitExceeded:
        raise TransportError(f"{transport.name}: too much output", code="too-much-output") from None
    transport.check_client(done)
    try:
        return json.loads(done.stdout)
    except ValueError:
        detail = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no output"]
        raise TransportError(f"{transport.name}: {detail[0]}") from None
