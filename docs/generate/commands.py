"""Generate the page of commands from their help."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from generate.markdown import code, fenced, table
from pacemaker_os.cli.main import cli

HEAD = """\
# Commands

The arguments, options and examples of each command, as `--help` shows them. Unless the command lists other
exit statuses, 0 means success and 1 means an error. 130 means that Ctrl-C interrupted the command.

"""


def page() -> str:
    """Return the page."""
    return HEAD + "".join(section(context) for context in contexts())


def contexts() -> Iterator[click.Context]:
    """Yield every command with its path; groups come before their commands."""
    root = click.Context(cli, info_name="pcs-os", **cli.context_settings)
    yield root
    yield from below(root)


def below(parent: click.Context) -> Iterator[click.Context]:
    """Yield the commands of a group and of its subgroups."""
    group = parent.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        yield context
        if isinstance(command, click.Group):
            yield from below(context)


def section(context: click.Context) -> str:
    """Return the section of a command."""
    path = context.command_path
    prose, examples = help_of(context.command)
    usage = " ".join([path, *context.command.collect_usage_pieces(context)])
    parts = [f"{'#' * (1 + len(path.split()))} {path}\n", fenced("text", usage), prose]
    if rows := option_rows(context):
        parts.append(table(["Option", "Description"], rows))
    if examples:
        parts += ["Examples:\n", fenced("text", examples)]
    return "\n".join(parts) + "\n"


def help_of(command: click.Command) -> tuple[str, str]:
    """Return the text of a command's help as Markdown, and its examples."""
    prose, _, examples = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    paragraphs = []
    for paragraph in prose.strip().split("\n\n"):
        literal = paragraph.startswith("\b\n")
        text = fenced("text", paragraph.removeprefix("\b\n")) if literal else paragraph + "\n"
        paragraphs.append(text)
    return "\n".join(paragraphs).replace("<", "\\<"), inspect.cleandoc(examples)


def option_rows(context: click.Context) -> list[tuple[str, str]]:
    """Return the rows of a command's options except --help, which all commands have."""
    rows = []
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1] and "--help" not in parameter.opts:
            rows.append((code(record[0]), record[1]))
    return rows
