"""Short commands on a node."""

from __future__ import annotations

import subprocess


class NoAnswer(Exception):
    """The program is not installed, or it did not end in time."""


def output(argv: list[str], seconds: float) -> str:
    """Return the standard output of a command, whatever its exit status. Raises NoAnswer."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise NoAnswer(argv[0]) from None
    return done.stdout.decode("utf-8", "replace")
