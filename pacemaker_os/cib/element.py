"""What every element of the CIB has: where it came from, and what this model does not know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in a file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Base of all elements.

    What the model has no field for is carried along: attributes as (name, value), child elements as
    XML text. `comments` are those that stood before the element (or inside it, after its last child).
    """

    tag: ClassVar[str]
    #: The section of <configuration> that an object of this class stands in; empty for inner elements.
    section: ClassVar[str] = ""

    origin: Origin | None = field(default=None, compare=False, repr=False)
    comments: tuple[str, ...] = field(default=(), compare=False, repr=False)
    unknown_attributes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    unknown_elements: tuple[str, ...] = field(default=(), repr=False)
