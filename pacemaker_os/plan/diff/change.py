"""One configuration change as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pacemaker_os.dataclass import dataclass
from pacemaker_os.document.difference import Difference

#: The tag of an ancestor and the attributes that identify it. A missing ancestor is created with them.
Step = tuple[str, tuple[tuple[str, str], ...]]

ChangeAction = Literal["add", "change", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChange:
    """An element of the configuration that a plan adds, changes or removes.

    `key` identifies the element in the cluster (`primitive:vip`, `property:no-quorum-policy`). `kind` and
    `name` are for people. `parent_path` leads from <configuration> to the parent of the element. `old` and
    `new` are the XML of the element, or None if it does not exist. `details` lists the differences in the
    terms of the document. `origin` is the position in the document that causes the change; it is empty if
    no document declares the element. `before` is the id of the sibling that an added element precedes; empty
    for the last one.
    """

    key: str
    kind: str
    name: str
    parent_path: tuple[Step, ...]
    old: str | None
    new: str | None
    details: tuple[Difference, ...] = ()
    origin: str = ""
    before: str = ""

    @property
    def action(self) -> ChangeAction:
        """Whether the element is added, changed or removed."""
        if self.old is None:
            return "add"
        return "remove" if self.new is None else "change"

    @property
    def section(self) -> str:
        """The section of the configuration that contains the element."""
        return self.parent_path[0][0]

    @property
    def is_ownership(self) -> bool:
        """Whether the change only updates the ownership record, which Pacemaker ignores."""
        return self.kind == "ownership"

    def reverse(self) -> ConfigChange:
        """Return the change that reverts this one."""
        details = tuple(Difference(each.path, each.new, each.old) for each in self.details)
        return replace(self, old=self.new, new=self.old, details=details)

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON data."""
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
            "before": self.before,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ConfigChange:
        """Read the output of `to_json`.

        Raises:
            KeyError, TypeError, ValueError: `data` is something else.
        """
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
            before=str(data.get("before", "")),
        )
