"""Command groups: complete help lines, and a suggestion for an unknown command."""

from __future__ import annotations

from typing import Any

import click

from pacemaker_os.text import did_you_mean


class Group(click.Group):
    """A command group. Its help shows the complete first line of each command."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.get_short_help_str(limit=1000)) for name, each in commands if each is not None]
            )

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            remedy = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"unknown command '{args[0]}'{remedy}", ctx) from error
