"""The terminal: its width, its colors, and text layout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pacemaker_os.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.text import Text

#: The width of output that does not go to a terminal.
WIDTH = 80

#: Characters that a console omits: bell, backspace, vertical tab, form feed, carriage return.
_CONTROL_CODES = dict.fromkeys((7, 8, 11, 12, 13))

#: The styles. Red is reserved for what can take a service down until an operator acts.
STYLES = {
    "title": "bold",
    "critical": "bold red",
    "warning": "yellow",
    "good": "green",
    "quiet": "dim",
    "name": "bold",
}


def open_console(*, color: bool | None = None, stderr: bool = False) -> Console:
    """Return a console without markup; `color` True or False overrides the terminal and NO_COLOR."""
    from rich.console import Console
    from rich.theme import Theme

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH
    return Console(
        file=stream,
        theme=Theme(STYLES, inherit=False),
        force_terminal=color,
        no_color=None if color is None else not color,
        color_system="auto" if color is None else "standard" if color else None,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of pieces of text, each with its style."""

    pieces: tuple[tuple[str, str], ...]

    @property
    def plain(self) -> str:
        """The text without styles."""
        return "".join([text for text, _ in self.pieces])

    def __str__(self) -> str:
        return self.plain

    def __rich__(self) -> Text:
        from rich.text import Text

        return Text.assemble(*self.pieces)


def line(*pieces: tuple[str, str]) -> Line:
    """Return one line of pieces of text, each with its style."""
    return Line(pieces)


def print_lines(lines: Callable[[int], Iterable[Line]], *, color: bool | None = None) -> None:
    """Print the lines for the width of standard output in columns.

    Only output with styles needs a console, which takes longer to import than most commands run.
    """
    if color or sys.stdout.isatty() or "FORCE_COLOR" in os.environ:
        console = open_console(color=color)
        # One call for all lines: each call to print costs more than the layout of a line.
        console.print(*lines(console.width), sep="\n")
    else:
        for each in lines(WIDTH):
            sys.stdout.write(f"{each.plain.translate(_CONTROL_CODES)}\n")


def wrap_text(text: str, width: int) -> list[str]:
    """Return lines of at most `width` columns, broken between words; a longer word is not broken."""
    from textwrap import wrap

    return wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def shorten(text: str, length: int) -> str:
    """Return at most `length` characters; the middle of a longer text is omitted."""
    return text if len(text) <= length else f"{text[: length * 2 // 3]}…{text[-(length // 3 - 1) :]}"
