"""The entry point: a group that imports a command's module only when that command is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from pacemaker_os import __version__
from pacemaker_os.cli.support.failure import report_failure
from pacemaker_os.errors import PacemakerOsError

#: Every command: its name, and the line that `pcs-os --help` shows for it. The module has the same
#: name (with _ for -) in this folder and defines a click command called `command`.
COMMANDS = {
    "init": "Write a first document, blank or from a live cluster.",
    "validate": "Check documents: schema, references, agents' parameters.",
    "render": "Print the CIB XML that documents say.",
    "export": "Write a cluster as a document.",
    "plan": "Show what a document would change and what would happen.",
    "apply": "Plan, ask, push, wait and verify.",
    "check": "Prove that every service survives the loss of nodes.",
    "history": "List what was applied.",
    "rollback": "Take an apply back.",
    "status": "Show what is wrong, what to do next, and what runs where.",
    "graph": "Draw the cluster, and what falls when a node falls.",
    "report": "Write one page that shows all of a cluster.",
    "schema": "Print the JSON Schema of the document.",
    "deploy": "Make bare nodes a highly available OpenStack.",
    "cluster": "Make a cluster of bare nodes, and change its membership.",
    "agents": "List, describe, install and test the OCF agents.",
    "instances": "Show what becomes of the instances of dead compute nodes.",
    "lab": "Start a cluster of containers, and break it on purpose.",
}


#: What a shell sets when it asks what could come next.
COMPLETION = "_PCS_OS_COMPLETE"

#: Where Pacemaker's programs lie, which the PATH of an ordinary user may lack.
ADMINISTRATORS_FOLDERS = ("/usr/sbin", "/sbin")


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"pacemaker_os.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        if COMPLETION in os.environ:
            from pacemaker_os.cli.support.completion import attach

            attach(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise unknown_command(args[0], ctx) from error


def unknown_command(name: str, ctx: click.Context) -> click.UsageError:
    """Say which command was probably meant."""
    from pacemaker_os.text import did_you_mean

    return click.UsageError(f"there is no command '{name}'{did_you_mean(name, COMMANDS)}", ctx)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="pcs-os")
def cli() -> None:
    """High availability for OpenStack, built on Pacemaker: the cluster is a document.

    \b
    Example:
      pcs-os plan cluster.cib.yaml
      pcs-os apply cluster.cib.yaml
    """


def extend_path() -> None:
    """Let the programs of administrators be found, after all others."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    missing = [folder for folder in ADMINISTRATORS_FOLDERS if folder not in folders]
    os.environ["PATH"] = os.pathsep.join([*folders, *missing])


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status."""
    extend_path()
    try:
        status = cli.main(args, prog_name="pcs-os", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("pcs-os: stopped; nothing more was done", err=True)
        status = 130
    except PacemakerOsError as error:
        report_failure(error, as_json="--json" in (args if args is not None else sys.argv[1:]))
        status = error.exit_status
    except BrokenPipeError:
        # The reader (a pager, head) went away; that is its right.
        sys.stderr.close()
        status = 0
    sys.exit(status if isinstance(status, int) else 0)
