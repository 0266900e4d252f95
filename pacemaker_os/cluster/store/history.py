"""The apply history: one JSON record per apply, stored where the cluster is.

A running cluster keeps the records on the node that pcs-os connects to and on every other reachable node,
readable by root only. A CIB file has them in a directory next to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.store.base import Store
from pacemaker_os.cluster.store.live import HISTORY_DIRECTORIES
from pacemaker_os.cluster.store.peers import Peer
from pacemaker_os.cluster.store.records import SUFFIX, NodeRecordStore, RecordStore
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade

#: Maximum number of records; older ones are removed.
MAX_RECORDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One apply.

    `id` consists of the time and of the CIB version that the apply created. `changes` are those that were
    made, not their reversal. `reverts` is the id of the apply that this one rolled back. `upgrade` is the
    schema upgrade, if there was one.
    """

    id: str
    when: str
    document: str
    before: Version
    after: Version
    changes: tuple[ConfigChange, ...]
    reverts: str = ""
    upgrade: SchemaUpgrade | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON data."""
        return {
            "id": self.id,
            "when": self.when,
            "document": self.document,
            "before": str(self.before),
            "after": str(self.after),
            "reverts": self.reverts,
            "upgrade": None if self.upgrade is None else self.upgrade.to_json(),
            "changes": [change.to_json() for change in self.changes],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        """Read the result of `to_json`, or a record with the keys of the first version.

        Raises ValueError, KeyError or TypeError for anything else.
        """
        data = {_OLD_KEYS.get(key, key): value for key, value in data.items()}
        return cls(
            id=str(data["id"]),
            when=str(data["when"]),
            document=str(data["document"]),
            before=Version.parse(data["before"]),
            after=Version.parse(data["after"]),
            changes=tuple(map(ConfigChange.from_json, data["changes"])),
            reverts=str(data.get("reverts", "")),
            upgrade=SchemaUpgrade.from_json(data.get("upgrade")),
        )


#: Keys of records that were written before these keys were renamed.
_OLD_KEYS = {"undoes": "reverts", "operations": "changes"}


def add_record(store: Store, plan: Plan, after: Version, *, reverts: str = "") -> Record:
    """Record an apply on the connected node. Raises TransportError or ClusterError when writing fails."""
    now = datetime.now(UTC)
    record = Record(
        id=f"{now:%Y%m%dT%H%M%S}-{after.admin_epoch}.{after.epoch}",
        when=now.isoformat(timespec="seconds"),
        document=plan.document,
        before=plan.base,
        after=after,
        changes=plan.changes,
        reverts=reverts,
        upgrade=plan.upgrade,
    )
    _write(store.history, record)
    return record


def replicate_record(nodes: Iterable[Peer], record: Record) -> list[str]:
    """Copy a record to nodes; return an error message for each node that it did not reach."""
    errors = []
    for peer in nodes:
        try:
            if peer.transport is None:
                raise TransportError(peer.why)
            _write(NodeRecordStore(peer.transport, HISTORY_DIRECTORIES), record)
        except TransportError as error:
            errors.append(f"{peer.node}: {error}")
    return errors


def _write(records: RecordStore, record: Record) -> None:
    text = json.dumps(record.to_json(), ensure_ascii=False, indent=1)
    records.write(f"{record.id}{SUFFIX}", text.encode())
    records.remove(records.names()[:-MAX_RECORDS])


def read_history(store: Store, *, skip_invalid: bool = False) -> tuple[Record, ...]:
    """Return the recorded applies, the newest first.

    Raises ClusterError for an invalid record, unless these are skipped, which is safe for reports only.
    """
    contents = store.history.read()
    return tuple(_records(reversed(contents.items()), skip_invalid=skip_invalid))


def _records(contents: Iterable[tuple[str, bytes]], *, skip_invalid: bool) -> Iterator[Record]:
    for name, data in contents:
        try:
            yield Record.from_json(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if not skip_invalid:
                message = f"cannot read '{name}' in the apply history: not a valid record ({error})"
                raise ClusterError(message, code="bad-history") from None


def find_record(store: Store, identifier: str | None) -> Record:
    """Return the record with this id, by default the newest one. Raises ClusterError."""
    records = read_history(store)
    if identifier is None:
        if not records:
            raise ClusterError(f"{store.name}: no applies recorded", code="no-history")
        return records[0]
    for record in records:
        if record.id == identifier:
            return record
    remedy = "to list the applies, run 'pcs-os history' with the same target options"
    message = f"{store.name}: unknown apply '{identifier}'; {remedy}"
    raise ClusterError(message, code="no-history")
