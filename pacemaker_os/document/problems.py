"""Everything that is wrong with a document, collected while it is read."""

from __future__ import annotations

from pacemaker_os.cib import Origin
from pacemaker_os.errors import InputError, Problem

#: More problems than this help nobody, and to look for what was meant by each takes its time.
LIMIT = 100


class DocumentError(InputError):
    """A document cannot be understood; `problems` holds everything that was found."""

    code = "document"


class Problems:
    """Collects problems; `raise_any` ends the reading when there are some, `add` when there are too many."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, origin: Origin, message: str, code: str) -> None:
        """Note what is wrong at a place, with what to do about it."""
        self._found[Problem(origin.file, origin.line, origin.column, message, code)] = None
        if len(self._found) == LIMIT:
            said = "and perhaps more; mend these first"
            last = max(self._found)
            self._found[Problem(last.file, last.line, last.column, said, "too-many")] = None
            self.raise_any()

    def raise_any(self) -> None:
        """Raise DocumentError with everything found so far, if anything."""
        if self._found:
            raise DocumentError(self._found)
