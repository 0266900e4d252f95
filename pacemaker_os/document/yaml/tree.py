"""A YAML text as a tree of mappings, sequences and scalars with their positions.

A scalar is text, or None for null. No other type is resolved: `no`, `1:30` and `0777` remain text, because
all values in the CIB are text.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from pacemaker_os.cib import Origin
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, or None for null; `secret` is the name in `!secret NAME`."""

    text: str | None
    origin: Origin
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    items: tuple[Node, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Mapping:
    """Unique keys and their values, in the order of the text."""

    items: tuple[tuple[Scalar, Node], ...]
    origin: Origin

    def __iter__(self) -> Iterator[tuple[str, Scalar, Node]]:
        for key, value in self.items:
            yield key.text or "", key, value

    def get(self, name: str) -> Node | None:
        """Return the value of a key, or None."""
        return next((value for key, value in self.items if key.text == name), None)

    def without(self, *names: str) -> Mapping:
        """Return the mapping without these keys."""
        return Mapping(tuple(item for item in self.items if item[0].text not in names), self.origin)

    def only(self, names: Container[str]) -> Mapping:
        """Return the mapping with only these keys."""
        return Mapping(tuple(item for item in self.items if item[0].text in names), self.origin)


Node = Scalar | Sequence | Mapping


def is_null(node: Node | None) -> bool:
    """Return whether a value is absent or null."""
    return node is None or (isinstance(node, Scalar) and node.text is None and not node.secret)


def describe_node(node: Node) -> str:
    """Return a description of `node` for messages."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    if node.secret:
        return "a secret"
    return "null" if node.text is None else f"'{shorten(node.text)}'"


def shorten(text: str) -> str:
    """Return `text` shortened to 60 characters for a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."
