"""Programs on nodes: source and argument travel by standard input, the response is JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pacemaker_os.errors import TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

_PROGRAMS = Path(__file__).parents[1] / "programs"

_INSTALLED = _PROGRAMS / "installed"

_INTERPRETER = ("/usr/bin/python3", "-I", "-")


@cache
def installed_programs() -> Mapping[str, str]:
    """Return the text of each program that is installed on hosts, by file name."""
    paths = sorted(_INSTALLED.glob("*.py"))
    return {path.name: path.read_text(encoding="utf-8") for path in paths if path.name != "__init__.py"}


def program_text(program: str, argument: object) -> str:
    """Return the source of `programs/PROGRAM.py`, with a last line that calls `main` with `argument`."""
    text = (_PROGRAMS / f"{program}.py").read_text(encoding="utf-8")
    return f"{text}\n\nimport json\n\nmain(json.loads({json.dumps(argument)!r}))\n"


def run_program(transport: Transport, program: str, argument: object, *, timeout: float = 120.0) -> Any:
    """Run `programs/PROGRAM.py` on a node and return its response. `argument` may contain secrets.

    Raises TransportError as transports do, and if the response is not JSON.
    """
    result = transport.run(_INTERPRETER, input=Secret(program_text(program, argument)), timeout=timeout)
    try:
        return json.loads(result.stdout)
    except ValueError:
        raise TransportError(
            f"{transport.name}: program '{program}' did not print JSON: {result.text[:200]}"
        ) from None
