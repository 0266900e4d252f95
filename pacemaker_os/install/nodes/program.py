"""Running one of our programs on a node: its text and its argument by standard input, its answer as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pacemaker_os.errors import TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

_FOLDER = Path(__file__).parents[1] / "programs"

_LINE = ("/usr/bin/python3", "-I", "-")


def program_text(program: str, argument: object) -> str:
    """The text of `programs/PROGRAM.py`, with a last line that runs it with `argument`."""
    text = (_FOLDER / f"{program}.py").read_text(encoding="utf-8")
    return f"{text}\n\nimport json\n\nmain(json.loads({json.dumps(argument)!r}))\n"


def run_program(transport: Transport, program: str, argument: object, *, timeout: float = 120.0) -> Any:
    """Run `programs/PROGRAM.py` on a node with `argument`, which may hold secrets, and return its answer.

    Raises TransportError as a transport does, and when the answer is none.
    """
    done = transport.run(_LINE, input=Secret(program_text(program, argument)), timeout=timeout)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise TransportError(
            f"{transport.name}: the program '{program}' gave no answer: {done.text[:200]}"
        ) from None
