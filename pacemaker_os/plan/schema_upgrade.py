"""The schema upgrade of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SchemaUpgrade:
    """An upgrade of the CIB from schema `old` to schema `new`.

    `rewritten` are the objects whose XML the upgrade changes.
    """

    old: str
    new: str
    rewritten: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the upgrade as JSON data."""
        return {"from": self.old, "to": self.new, "rewritten": list(self.rewritten)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> SchemaUpgrade | None:
        """Read the output of `to_json`; None stands for no upgrade."""
        if data is None:
            return None
        return cls(str(data["from"]), str(data["to"]), tuple(map(str, data["rewritten"])))
