"""The base of all elements: position in a document, comments, and XML that the model does not know."""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A position in a file. `line` and `column` start at 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Base class of all elements.

    Attributes and child elements without a field are preserved, as (name, value) and as XML text. `comments`
    are the comments before the element, and those inside it after its last child.
    """

    tag: ClassVar[str]
    #: The section of <configuration> that contains objects of this class; empty for inner elements.
    section: ClassVar[str] = ""

    origin: Origin | None = field(default=None, compare=False, repr=False)
    comments: tuple[str, ...] = field(default=(), compare=False, repr=False)
    unknown_attributes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    unknown_elements: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque(Element):
    """An object without a class in this model. Its XML is preserved."""

    # In this class, the section and the tag differ between instances.
    section: str  # type: ignore[misc]
    tag: str  # type: ignore[misc]
    id: str | None
    xml: str
