"""The files that a document consists of."""

from __future__ import annotations

from collections.abc import Callable

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file and its name in messages."""

    file: str
    text: str


#: Reads the file that an `include:` names; the second argument is the file that contains the `include:`.
#: Raises OSError or ValueError with a message when it cannot.
Include = Callable[[str, str], Source]
