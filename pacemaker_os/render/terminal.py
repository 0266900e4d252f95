"""The terminal: its width, its colors, and text layout."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

#: The width of output that does not go to a terminal.
WIDTH = 80

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


def line(*pieces: tuple[str, str]) -> Text:
    """Return one line of pieces of text, each with its style."""
    from rich.text import Text

    return Text.assemble(*pieces)


def wrap_text(text: str, width: int) -> list[str]:
    """Return lines of at most `width` columns, broken between words; a longer word is not broken."""
    from textwrap import wrap

    return wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def shorten(text: str, length: int) -> str:
    """Return at most `length` characters; the middle of a longer text is omitted."""
    return text if len(text) <= length else f"{text[: length * 2 // 3]}…{text[-(length // 3 - 1) :]}"
