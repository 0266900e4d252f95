"""What encoding elements needs everywhere, and the values that YAML is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pacemaker_os.cib.table import Children
from pacemaker_os.document.forms.reader import INNER
from pacemaker_os.document.yaml.plain import Plain

#: Returns the children that a table row describes as plain values, None when there is nothing to write.
Encoder = Callable[[Children, Any, "Writer"], Plain]


@dataclass(frozen=True, slots=True)
class Writer:
    """What is known of the whole CIB that is written."""

    #: How children are written, by the name of their form.
    encoders: Mapping[str, Encoder]
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
        if id in self.cloned:
            return self.cloned[id]
        return f"{INNER}{id}" if id in self.hidden else id
