"""Print errors: one line per problem, or JSON."""

from __future__ import annotations

from dataclasses import asdict

import click

from pacemaker_os.errors import PacemakerOsError


def report_failure(error: PacemakerOsError, *, as_json: bool) -> None:
    """Print every problem of `error` as text to standard error, or as JSON to standard output."""
    if as_json:
        import json

        problems = [asdict(problem) for problem in error.problems]
        click.echo(json.dumps({"error": error.code, "problems": problems}, ensure_ascii=False, indent=2))
        return
    for problem in error.problems:
        click.echo(str(problem), err=True)
