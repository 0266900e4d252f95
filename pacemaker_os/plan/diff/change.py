"""One change of the configuration, as data: what was there, what will be there, and who asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pacemaker_os.document.difference import Difference

#: The tag of an ancestor and what identifies it: what a missing one is made with.
Step = tuple[str, tuple[tuple[str, str], ...]]

ChangeAction = Literal["add", "change", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChange:
    """One element that is added, changed or removed.

    `key` names it in the whole cluster (`primitive:vip`, `property:no-quorum-policy`); `kind` and `name`
    are for people. `parent_path` leads from <configuration> to its parent. `old` and `new` are its XML; None
    where it is not. `details` is what differs in meaning, in words of the document. `origin` is the
    place in a document that asked for it; empty for what no document says any more.
    """

    key: str
    kind: str
    name: str
    parent_path: tuple[Step, ...]
    old: str | None
    new: str | None
    details: tuple[Difference, ...] = ()
    origin: str = ""

    @property
    def action(self) -> ChangeAction:
        """What becomes of the element."""
        if self.old is None:
            return "add"
        return "remove" if self.new is None else "change"

    @property
    def section(self) -> str:
        """The section of the configuration that it stands in."""
        return self.parent_path[0][0]

    @property
    def is_ownership(self) -> bool:
        """Whether this only remembers what a document owns, and is nothing to the scheduler."""
        return self.kind == "ownership"

    def reverse(self) -> ConfigChange:
        """The operation that takes this one back."""
        back = tuple(Difference(each.path, each.new, each.old) for each in self.details)
        return replace(self, old=self.new, new=self.old, details=back)

    def to_json(self) -> dict[str, Any]:
        """The operation as JSON can say it."""
        return {
            "action": self.action,
            "key": self.key,
            "kind": self.kind,
            "name": self.name,
            "parent_path": [[tag, dict(attributes)] for tag, attributes in self.parent_path],
            "old": self.old,
            "new": self.new,
            "details": [{"path": each.path, "old": each.old, "new": each.new} for each in self.details],
            "origin": self.origin,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ConfigChange:
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        # History records of plan format 1 name the path `place`.
        path = data["parent_path"] if "parent_path" in data else data["place"]
        return cls(
            key=str(data["key"]),
            kind=str(data["kind"]),
            name=str(data["name"]),
            parent_path=tuple((str(tag), tuple(attributes.items())) for tag, attributes in path),
            old=data["old"],
            new=data["new"],
            details=tuple(Difference(each["path"], each["old"], each["new"]) for each in data["details"]),
            origin=str(data["origin"]),
        )
