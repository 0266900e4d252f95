"""Words in the one-line forms: names that are bare, and those that need quotes."""

from __future__ import annotations

import re

_BARE = re.compile(r"[^\s'\"(){}\[\],]+")


def quote(word: str | None) -> str:
    """Return `word` as one word of a line: in quotes when it would be read as several, or as none."""
    word = word or ""
    if _BARE.fullmatch(word):
        return word
    mark = "'" if '"' in word else '"'
    return f"{mark}{word}{mark}"
