"""The problems of a document, collected while it is read."""

from __future__ import annotations

from pacemaker_os.cib import Origin
from pacemaker_os.errors import InputError, Problem

#: Maximum number of problems; looking for suggestions takes time for each of them.
LIMIT = 100


class DocumentError(InputError):
    """An invalid document; `problems` holds all problems that were found."""

    code = "document"


class Problems:
    """A collection of problems; `raise_any` raises them, and `add` does so when there are too many."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, origin: Origin, message: str, code: str) -> None:
        """Add a problem at a position. Raises DocumentError when the limit is reached."""
        self._found[Problem(origin.file, origin.line, origin.column, message, code)] = None
        if len(self._found) == LIMIT:
            last = max(self._found)
            stopped = f"stopped after {LIMIT} problems; fix these first"
            self._found[Problem(last.file, last.line, last.column, stopped, "too-many")] = None
            self.raise_any()

    def raise_any(self) -> None:
        """Raise DocumentError with all problems found so far, if there are any."""
        if self._found:
            raise DocumentError(self._found)
