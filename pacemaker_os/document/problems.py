"""Everything that is wrong with a document, collected while it is read."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pacemaker_os.cib import Origin
from pacemaker_os.errors import InputError, Problem

#: More than this many problems help nobody.
LIMIT = 100


class DocumentError(InputError):
    """A document cannot be understood; `problems` holds everything that was found."""

    code = "document"


class Problems:
    """Collects problems; `raise_any` ends the reading when there are some."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, origin: Origin, message: str, code: str) -> None:
        """Note what is wrong at a place, with what to do about it."""
        self._found[Problem(origin.file, origin.line, origin.column, message, code)] = None

    def raise_any(self) -> None:
        """Raise DocumentError with everything found so far, if anything."""
        if not self._found:
            return
        found = sorted(self._found)
        if len(found) > LIMIT:
            more = len(found) - LIMIT
            last = found[LIMIT - 1]
            rest = Problem(last.file, last.line, last.column, f"and {more} problems more", "too-many")
            found = [*found[:LIMIT], rest]
        raise DocumentError(found)


def hint(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return `; did you mean 'x'?` when a known word is like `word`, else nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"; did you mean '{near[0]}'?" if near else ""
