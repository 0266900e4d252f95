"""How steps that take time are told: a line each, to standard error, with the time since the start."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pacemaker_os.cluster.setup.progress import Progress


def step_printer() -> Progress:
    """Return a progress that prints; on a terminal the step that runs is shown before it has ended."""
    from pacemaker_os.cluster.setup.progress import Progress

    begin = time.monotonic()
    terminal = sys.stderr.isatty()

    def tell(text: str, seconds: float | None) -> None:
        passed = f"[{time.monotonic() - begin:6.1f} s]"
        if seconds is not None:
            again = "\r\033[K" if terminal else ""
            click.echo(f"{again}{passed} {text} ({seconds:.1f} s)", err=True)
        elif terminal:
            click.echo(f"{passed} {text} ...", err=True, nl=False)

    return Progress(tell)
