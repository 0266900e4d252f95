"""The properties of a CIB that encoding its elements depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from pacemaker_os.cib.table import Children
from pacemaker_os.dataclass import dataclass
from pacemaker_os.document.forms.reader import INNER
from pacemaker_os.document.yaml.plain import Plain

#: Returns the children that a row of the model's table describes as plain values, None if there are none.
Encoder = Callable[[Children, Any, "Writer"], Plain]


@dataclass(frozen=True, slots=True)
class Writer:
    """The properties of the CIB that is encoded."""

    #: The encoder of each form.
    encoders: Mapping[str, Encoder]
    #: Ids that something refers to; they are written even on anonymous elements.
    referenced: frozenset[str] = frozenset()
    #: The name of the cloned resource, by the id of its clone.
    cloned: Mapping[str, str] = field(default_factory=dict)
    #: The names of cloned resources, which mean the clone in a constraint.
    hidden: frozenset[str] = frozenset()
    #: The ids of all top-level resources except fencing devices.
    services: frozenset[str] = frozenset()
    #: Whether the schema of the CIB has the roles Promoted and Unpromoted.
    new_roles: bool = True

    def resource(self, id: str) -> str:
        """Return the name of a resource in a constraint."""
        if id in self.cloned:
            return self.cloned[id]
        return f"{INNER}{id}" if id in self.hidden else id
