"""Commands as pages show them: found, checked for words that do not exist, and run.

A block of ```console holds commands after `$ ` and, where it matters, what they print; `...` stands for any
text.
What a reader does not see says how a block is meant, in a comment of the line above it:

    <!-- file: NAME -->        the block is this file; it is there for the commands that follow on the page
    <!-- exits: N -->          the block's last command ends with this status; 0 is expected (of plan 2, too)
    <!-- in: lab -->           the commands need the lab; tests/cluster runs them
    <!-- not run: REASON -->   the commands need what no test has; only their words are checked
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

#: Pages that repeat the code, written at every build of docs/.
GENERATED = {f"docs/reference/{name}.md" for name in ("agents", "commands", "document", "errors")}

#: Every page that people write.
PAGES = sorted(
    page
    for pattern in ("README*.md", "*/README.md", "docs/**/*.md")
    for page in ROOT.glob(pattern)
    if str(page.relative_to(ROOT)) not in GENERATED
)

#: Seconds that a shown command may take.
PATIENCE = 300.0

_FENCE = re.compile(
    r"(?P<notes>(?:^<!-- [^\n]* -->\n)*)^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_NOTE = re.compile(r"<!-- ([a-z ]+): (.*?) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; `line` is that of its first text."""

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
    """A command with what the page says that it prints; `None` where the page says nothing."""

    line: str
    prints: str | None


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
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
    """The commands of a block; one that ends with a backslash goes on in the next line."""
    for piece in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, rest = re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", piece, re.DOTALL).groups()  # type: ignore[union-attr]
        yield Shown(line.replace("\\\n", " "), rest or None)


def pcs_os_lines(block: Block) -> Iterator[str]:
    """Every command line of pcs-os in a block of any language."""
    for match in re.finditer(
        r"^(?:\$ |\s*)(?:\S*/)?(pcs-os .*)$", block.text.replace("\\\n", " "), re.MULTILINE
    ):
        yield match[1]


def refused(line: str) -> str | None:
    """Why pcs-os would not take the words of a line; nothing is run."""
    from pacemaker_os.cli.main import cli

    words = [word for word in shlex.split(line, comments=True) if word not in ("...",)]
    for end in (">", "|", "&&", ";", "||"):
        words = words[: words.index(end)] if end in words else words
    if "--help" in words or "-h" in words or "--version" in words:
        return None
    command: click.Command = cli
    context = click.Context(cli, info_name="pcs-os", **cli.context_settings)
    words = words[1:]
    try:
        while isinstance(command, click.Group):
            found = command.get_command(context, words[0]) if words else None
            if found is None:
                return f"there is no command '{' '.join(words[:1])}' in {context.command_path}"
            command, words = found, words[1:]
            context = click.Context(command, info_name=command.name, parent=context)
        command.make_context(command.name, words, parent=context.parent)
    except click.ClickException as error:
        return error.format_message()
    return None


class Reader:
    """Somebody who does what a page says, in a folder with cib/ in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]),
            "HOME": str(folder),
            "NO_COLOR": "1",
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
        }
        (folder / "cib").symlink_to(ROOT / "cib")

    def follow(self, block: Block) -> None:
        """Write the file that a block is, or run its commands and compare what they print."""
        if "file" in block.notes:
            (self.folder / block.notes["file"]).write_text(block.text)
        elif block.language == "console":
            shown = list(commands(block))
            for number, each in enumerate(shown):
                last = number == len(shown) - 1
                self.run(block, each, int(block.notes.get("exits", 0)) if last else 0)

    def run(self, block: Block, shown: Shown, status: int) -> None:
        """Run one command."""
        ended = subprocess.run(
            ["bash", "-c", shown.line],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        right = {status} | ({2} if shown.line.startswith("pcs-os plan") and not status else set())
        said = f"{block.place}: $ {shown.line}\nended with {ended.returncode} and printed:\n{ended.stdout}"
        assert ended.returncode in right, said
        if shown.prints is not None:
            trimmed = re.sub(r" +$", "", ended.stdout, flags=re.MULTILINE)
            assert doctest.OutputChecker().check_output(shown.prints, trimmed, doctest.ELLIPSIS), (
                f"{said}\nthe page says:\n{shown.prints}"
            )
