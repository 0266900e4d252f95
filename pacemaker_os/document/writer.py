"""What encoding elements needs everywhere, and the values that YAML is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

#: Plain values: text, None for null, lists and mappings.
Plain = Union[str, None, list["Plain"], dict[str, "Plain"], "Remarked"]


@dataclass(frozen=True, slots=True)
class Remarked:
    """A value with comments above it."""

    value: Plain
    comments: tuple[str, ...]


class Block(dict[str, Plain]):
    """A mapping that is never written on one line."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What is known of the whole CIB that is written."""

    #: Ids that something refers to; they are written even where an id says nothing.
    referenced: frozenset[str] = frozenset()
    #: From a clone's id to the name of what it clones.
    cloned: Mapping[str, str] = field(default_factory=dict)
    #: The names that a constraint would take for a clone's.
    hidden: frozenset[str] = frozenset()
    #: Every resource at the top that is no fencing device.
    services: frozenset[str] = frozenset()
    #: Whether the schema that the CIB names has the words Promoted and Unpromoted.
    new_roles: bool = True

    def resource(self, id: str) -> str:
        """Return the short name of a resource that a constraint refers to."""
        from pacemaker_os.document.reader import INNER

        if id in self.cloned:
            return self.cloned[id]
        return f"{INNER}{id}" if id in self.hidden else id
