"""The terminal: how wide it is, whether it shows colour, and the few colours that mean something."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

#: How wide text is laid out where nobody says how wide the terminal is.
WIDTH = 80

#: What colours mean here. Red is only for what may take a service away for good.
STYLES = {
    "title": "bold",
    "danger": "bold red",
    "warning": "yellow",
    "good": "green",
    "quiet": "dim",
    "name": "bold",
}


def open_console(*, color: bool | None = None, stderr: bool = False) -> Console:
    """A console that adds no markup of its own; `color` True or False overrides terminal and NO_COLOR."""
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
    """One line of pieces of text, each with its style."""
    from rich.text import Text

    return Text.assemble(*pieces)


def counted(number: int, noun: str) -> str:
    """A number of things, as people say it: 1 secret, 2 secrets."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken between words; a word that is longer stays whole."""
    from textwrap import wrap

    return wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def elided(text: str, length: int) -> str:
    """At most `length` characters, without the middle of what is longer."""
    return text if len(text) <= length else f"{text[: length * 2 // 3]}…{text[-(length // 3 - 1) :]}"
