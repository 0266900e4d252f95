"""The schema upgrade of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SchemaUpgrade:
    """A newer schema for the configuration; `rewritten` are objects that it says in other words."""

    old: str
    new: str
    rewritten: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The upgrade as JSON can say it."""
        return {"from": self.old, "to": self.new, "rewritten": list(self.rewritten)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> SchemaUpgrade | None:
        """Read what `to_json` wrote, or that there is none."""
        if data is None:
            return None
        return cls(str(data["from"]), str(data["to"]), tuple(map(str, data["rewritten"])))
