"""Print the steps of a long operation to standard error, with the time since the start."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pacemaker_os.cluster.setup.progress import Progress


def step_printer() -> Progress:
    """Return a progress handler that prints each finished step; on a terminal, also the running step."""
    from pacemaker_os.cluster.setup.progress import Progress

    start = time.monotonic()
    terminal = sys.stderr.isatty()

    def print_step(text: str, seconds: float | None) -> None:
        passed = f"[{time.monotonic() - start:6.1f} s]"
        if seconds is not None:
            clear = "\r\033[K" if terminal else ""
            click.echo(f"{clear}{passed} {text} ({seconds:.1f} s)", err=True)
        elif terminal:
            click.echo(f"{passed} {text} ...", err=True, nl=False)

    return Progress(print_step)
