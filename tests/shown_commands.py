"""Find the commands in documentation pages, validate their options, and run them.

A ```console block contains commands after `$ ` and, optionally, their output. `...` stands for any text.
A comment in the line above a block describes it:

    <!-- file: NAME -->        the block is the content of this file, for the following commands of the page
    <!-- exits: N -->          exit status of the last command; the default is 0, or 2 for plan
    <!-- in: lab -->           the commands need the lab; tests/cluster runs them
    <!-- not run: REASON -->   the commands are not run; only their options are validated
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]

#: Pages that are generated from the code.
GENERATED = {f"docs/reference/{name}.md" for name in ("agents", "commands", "document", "errors", "settings")}

#: All other pages.
PAGES = sorted(
    page
    for pattern in ("README*.md", "*/README.md", "docs/**/*.md")
    for page in ROOT.glob(pattern)
    if str(page.relative_to(ROOT)) not in GENERATED
)

#: Time for one command, in seconds.
TIMEOUT = 300.0

_FENCE = re.compile(
    r"(?P<notes>(?:^<!-- [^\n]* -->\n)*)^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_NOTE = re.compile(r"<!-- ([a-z ]+): (.*?) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. `line` is its first line of text."""

    page: Path
    line: int
    language: str
    text: str
    notes: Mapping[str, str]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Shown:
    """A command with its expected output; `None` if the page shows no output."""

    line: str
    prints: str | None


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = page.read_text()
    return [
        Block(
            page,
            text.count("\n", 0, match.start("text")) + 1,
            match["language"],
            match["text"],
            dict(_NOTE.findall(match["notes"])),
        )
        for match in _FENCE.finditer(text)
    ]


def commands(block: Block) -> Iterator[Shown]:
    """Yield the commands of a block. A command that ends with a backslash continues on the next line."""
    for piece in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, rest = re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", piece, re.DOTALL).groups()  # type: ignore[union-attr]
        yield Shown(line.replace("\\\n", " "), rest or None)


def pcs_os_lines(block: Block) -> Iterator[str]:
    """Yield the pcs-os command lines in a block of any language."""
    for match in re.finditer(
        r"^(?:\$ |\s*)(?:\S*/)?(pcs-os .*)$", block.text.replace("\\\n", " "), re.MULTILINE
    ):
        yield match[1]


def refused(line: str) -> str | None:
    """Return why a pcs-os command line is invalid, or None. The command is not run."""
    from pacemaker_os.cli.main import cli

    args = [arg for arg in shlex.split(line, comments=True) if arg != "..."]
    for end in (">", "|", "&&", ";", "||"):
        args = args[: args.index(end)] if end in args else args
    if {"--help", "-h", "--version"} & set(args):
        return None
    command: click.Command = cli
    context = click.Context(cli, info_name="pcs-os", **cli.context_settings)
    args = args[1:]
    try:
        while isinstance(command, click.Group):
            found = command.get_command(context, args[0]) if args else None
            if found is None:
                return f"unknown command '{' '.join(args[:1])}' of {context.command_path}"
            command, args = found, args[1:]
            context = click.Context(command, info_name=command.name, parent=context)
        command.make_context(command.name, args, parent=context.parent)
    except click.ClickException as error:
        return error.format_message()
    return None


class Reader:
    """Follows a page, in a directory that contains cib/."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]),
            "HOME": str(directory),
            "NO_COLOR": "1",
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
        }
        (directory / "cib").symlink_to(ROOT / "cib")

    def follow(self, block: Block) -> None:
        """Write the file that a block describes, or run its commands and compare their output."""
        if "file" in block.notes:
            (self.directory / block.notes["file"]).write_text(block.text)
        elif block.language == "console":
            shown = list(commands(block))
            for number, each in enumerate(shown):
                last = number == len(shown) - 1
                self.run(block, each, int(block.notes.get("exits", 0)) if last else 0)

    def run(self, block: Block, shown: Shown, status: int) -> None:
        """Run a command, and compare its exit status and output."""
        done = subprocess.run(
            ["bash", "-c", shown.line],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
        )
        expected = {status} | ({2} if shown.line.startswith("pcs-os plan") and not status else set())
        message = (
            f"{block.place}: $ {shown.line}\nexited with status {done.returncode} and printed:\n{done.stdout}"
        )
        assert done.returncode in expected, message
        if shown.prints is not None:
            trimmed = re.sub(r" +$", "", done.stdout, flags=re.MULTILINE)
            assert doctest.OutputChecker().check_output(shown.prints, trimmed, doctest.ELLIPSIS), (
                f"{message}\nexpected output:\n{shown.prints}"
            )
