"""The record of an apply, as data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.store.mark import STOPPING
from pacemaker_os.cluster.store.states import StateName, States
from pacemaker_os.cluster.store.writer import Writer
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade

#: What the writer recorded last: that it is about to write, that it stopped resources before it removes them,
#: that it wrote, and how it ended.
Progress = Literal["prepared", "stopped", "written", "done", "failed", "interrupted", "rolled-back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What an apply is, other than its plan.

    `reverts` is the id of the apply that it rolls back, `redoes` of the one that it applies again. `mark` is
    the mark of the configuration that it restores exactly, or None if it creates a new configuration.
    """

    reverts: str = ""
    redoes: str = ""
    mark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One apply.

    `id` consists of the time, of the CIB version that the apply creates, and of a random number. `before` and
    `after` are the CIB versions, `changes` those that are made, not their reversal. `reverts` and `redoes`
    are the id of the apply that this one rolled back, or applied again. `upgrade` is the schema upgrade, if
    there is one. `parent` is the mark of the CIB before the apply, and None in records of earlier versions,
    which have none of the fields that follow. `mark` is the mark that the apply writes.
    """

    id: str
    when: str
    document: str
    before: Version
    after: Version
    changes: tuple[ConfigChange, ...]
    reverts: str = ""
    redoes: str = ""
    upgrade: SchemaUpgrade | None = None
    parent: str | None = None
    mark: str = ""
    progress: Progress = "done"
    writer: Writer = field(default_factory=Writer)
    target: Mapping[str, str] = field(default_factory=dict)
    states: States = field(default_factory=States)
    plan: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def prepared(cls, plan: Plan, parent: str, intent: Intent) -> Record:
        """Return the record of an apply that is about to write."""
        now = datetime.now(UTC)
        after = plan.base.next()
        if plan.stop_before_removal:
            after = after.next()
        # Records are sorted by their ids, also those of applies within the same second.
        time = f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}"
        identifier = f"{time}-{after.admin_epoch}.{after.epoch}-{os.urandom(3).hex()}"
        return cls(
            id=identifier,
            when=now.isoformat(timespec="seconds"),
            document=plan.document,
            before=plan.base,
            after=after,
            changes=plan.changes,
            reverts=intent.reverts,
            redoes=intent.redoes,
            upgrade=plan.upgrade,
            parent=parent,
            mark=identifier if intent.mark is None else intent.mark,
            progress="prepared",
            writer=Writer.current(),
            target=plan.target,
            plan={key: value for key, value in plan.to_json().items() if key != "changes"},
        )

    @property
    def is_legacy(self) -> bool:
        """Whether an earlier version wrote the record, which did not mark the CIB."""
        return self.parent is None

    @property
    def stopping_mark(self) -> str:
        """The mark of the CIB after the first of two writes."""
        return f"{self.id}{STOPPING}"

    def mark_after(self, state: StateName) -> str:
        """Return the mark of the CIB in one of the states."""
        return {"before": self.parent or "", "stopped": self.stopping_mark, "after": self.mark}[state]

    def with_states(self, states: States) -> Record:
        """Return the record with the configurations."""
        return replace(self, states=states)

    def at(self, progress: Progress, after: Version | None = None) -> Record:
        """Return the record with another progress, and with the CIB version that was written."""
        return replace(self, progress=progress, after=after or self.after)

    def summary(self) -> dict[str, Any]:
        """Return the record as JSON data without the packed configurations and the plan."""
        return {
            "id": self.id,
            "when": self.when,
            "document": self.document,
            "before": str(self.before),
            "after": str(self.after),
            "reverts": self.reverts,
            "redoes": self.redoes,
            "upgrade": None if self.upgrade is None else self.upgrade.to_json(),
            "progress": self.progress,
            "writer": self.writer.to_json(),
            "target": dict(self.target),
            "changes": [change.to_json() for change in self.changes],
        }

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON data."""
        if self.is_legacy:
            return self.summary()
        more = {"parent": self.parent, "mark": self.mark, "plan": dict(self.plan)}
        return self.summary() | more | {"states": self.states.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        """Read the result of `to_json`, or a record with the keys of the first version.

        Raises ValueError, KeyError or TypeError for anything else.
        """
        data = {_OLD_KEYS.get(key, key): value for key, value in data.items()}
        record = cls(
            id=str(data["id"]),
            when=str(data["when"]),
            document=str(data["document"]),
            before=Version.parse(data["before"]),
            after=Version.parse(data["after"]),
            changes=tuple(map(ConfigChange.from_json, data["changes"])),
            reverts=str(data.get("reverts", "")),
            redoes=str(data.get("redoes", "")),
            upgrade=SchemaUpgrade.from_json(data.get("upgrade")),
        )
        if "parent" not in data:
            return record
        if data["progress"] not in get_args(Progress):
            raise ValueError(f"unknown progress {data['progress']!r}")
        return replace(
            record,
            parent=str(data["parent"]),
            mark=str(data["mark"]),
            progress=data["progress"],
            writer=Writer.from_json(data["writer"]),
            target={str(option): str(value) for option, value in data["target"].items()},
            states=States.from_json(data["states"]),
            plan=dict(data["plan"]),
        )


#: Keys of records that were written before these keys were renamed.
_OLD_KEYS = {"undoes": "reverts", "operations": "changes"}
