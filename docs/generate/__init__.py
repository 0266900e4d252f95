"""Pages of the reference, written from the code: what it does is what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from generate import agents, commands, errors, schema, settings

#: The pages, by their file names without .md, and what writes each.
PAGES: dict[str, Callable[[], str]] = {
    "commands": commands.page,
    "document": schema.page,
    "agents": agents.page,
    "errors": errors.page,
    "settings": settings.page,
}


def write_pages(folder: Path) -> None:
    """Write every page; one that says the same already keeps its time, so that builds stay short."""
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", page()
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
