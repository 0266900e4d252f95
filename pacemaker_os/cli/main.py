"""The entry point: a command group that imports the module of a command only when it is called."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from pacemaker_os import __version__
from pacemaker_os.cli.support.failure import report_failure
from pacemaker_os.cli.support.group import Group
from pacemaker_os.errors import PacemakerOsError

#: The commands and their lines in `pcs-os --help`. The module of a command has the same name (with _ for -)
#: and defines a click command that is called `command`.
COMMANDS = {
    "init": "Create a document from a template or from a live cluster.",
    "validate": "Validate documents: schema, references and agent parameters.",
    "render": "Render documents as CIB XML.",
    "export": "Export a cluster configuration as a document.",
    "plan": "Show configuration changes and their predicted effect on services.",
    "apply": "Apply documents to a cluster and verify the result.",
    "check": "Check by simulation that every service survives node failures.",
    "history": "List previous applies.",
    "rollback": "Roll back an apply.",
    "forget": "Drop documents whose objects are gone from the ownership record.",
    "status": "Show problems, the commands that fix them, and where each service runs.",
    "graph": "Draw the cluster, optionally with the impact of a node failure.",
    "report": "Generate a self-contained HTML report.",
    "schema": "Print the JSON Schema of documents.",
    "deploy": "Deploy a highly available OpenStack cloud.",
    "cluster": "Create a cluster, and add or remove nodes.",
    "agents": "List, describe, install and test the OCF agents.",
    "instances": "Show how instances of failed compute nodes are evacuated.",
    "lab": "Run a test cluster in containers and inject faults.",
}


#: The environment variable that a shell sets to request completions.
COMPLETION = "_PCS_OS_COMPLETE"

#: The directories of Pacemaker's programs, which the PATH of an ordinary user may lack.
SYSTEM_DIRECTORIES = ("/usr/sbin", "/sbin")


class LazyGroup(Group):
    """A command group that imports each command on first use."""

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


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="pcs-os")
def cli() -> None:
    """Manage Pacemaker clusters and highly available OpenStack clouds with declarative documents.

    \b
    Example:
      pcs-os plan cluster.cib.yaml
      pcs-os apply cluster.cib.yaml
    """


def extend_path() -> None:
    """Append the system directories to PATH."""
    directories = os.environ.get("PATH", os.defpath).split(os.pathsep)
    missing = [directory for directory in SYSTEM_DIRECTORIES if directory not in directories]
    os.environ["PATH"] = os.pathsep.join([*directories, *missing])


#: Number of new objects after which Python looks for cycles, instead of 700. A command creates hundreds of
#: thousands of objects that it keeps.
GARBAGE_THRESHOLD = 50_000


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the status of the command."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    extend_path()
    try:
        status = cli.main(args, prog_name="pcs-os", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("pcs-os: interrupted", err=True)
        status = 130
    except PacemakerOsError as error:
        report_failure(error, as_json="--json" in (args if args is not None else sys.argv[1:]))
        status = error.exit_status
    except BrokenPipeError:
        # The reader of the output, such as a pager or head, has ended; that is not an error.
        sys.stderr.close()
        status = 0
    sys.exit(status if isinstance(status, int) else 0)
