"""Plain values that a YAML text is written from: text, None, lists and mappings, with comments."""

from __future__ import annotations

from typing import Union

from pacemaker_os.dataclass import dataclass

#: Text, None for null, lists and mappings.
Plain = Union[str, None, list["Plain"], dict[str, "Plain"], "Commented"]


@dataclass(frozen=True, slots=True)
class Commented:
    """A value with comments above it."""

    value: Plain
    comments: tuple[str, ...]


class Block(dict[str, Plain]):
    """A mapping that is never written on one line."""
