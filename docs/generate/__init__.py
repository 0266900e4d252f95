"""Generate the reference pages from the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from generate import agents, commands, errors, schema, settings

#: For each page, its file name without .md, and the function that returns its text.
PAGES: dict[str, Callable[[], str]] = {
    "commands": commands.page,
    "document": schema.page,
    "agents": agents.page,
    "errors": errors.page,
    "settings": settings.page,
}


def write_pages(directory: Path) -> None:
    """Write every page. Unchanged pages are not written, because Sphinx rebuilds by modification time."""
    for name, page in PAGES.items():
        path, text = directory / f"{name}.md", page()
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
