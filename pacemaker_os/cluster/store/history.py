"""The apply history: one JSON record per apply, stored where the cluster is.

A running cluster keeps the records on the node that pcs-os connects to and on every other reachable node,
readable by root only. A CIB file has them in a directory next to it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator

from pacemaker_os.cluster.store.base import Store
from pacemaker_os.cluster.store.lineage import Lineage
from pacemaker_os.cluster.store.live import HISTORY_DIRECTORIES
from pacemaker_os.cluster.store.mark import read_mark
from pacemaker_os.cluster.store.peers import Peer
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.cluster.store.records import SUFFIX, NodeRecordStore, RecordStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.parallel import run_parallel

#: A call for a store of records.
RecordCall = Callable[[RecordStore], object]

#: A CIB without content, in place of one that cannot be read.
EMPTY = "<cib><configuration/></cib>"

#: Maximum number of records; older ones are removed.
MAX_RECORDS = 100


@dataclass(frozen=True, slots=True)
class History:
    """The records, the newest first, and what the CIB says about them."""

    records: tuple[Record, ...]
    lineage: Lineage

    @classmethod
    def of(cls, records: Iterable[Record], snapshot: Snapshot) -> History:
        """Return the history of the CIB that was read."""
        records = tuple(records)
        return cls(records, Lineage.of(records, read_mark(snapshot.cib), snapshot.version))

    @classmethod
    def without_cib(cls, records: Iterable[Record]) -> History:
        """Return the records as their writers left them, without a CIB to compare them with."""
        records = tuple(records)
        return cls(records, Lineage((), "unknown", (), (), {}, (sys.maxsize, 0)))

    def find(self, identifier: str) -> Record | None:
        """Return the record with this id."""
        return next((record for record in self.records if record.id == identifier), None)

    @property
    def written(self) -> tuple[Record, ...]:
        """The records without those that were not written."""
        return self.lineage.written(self.records)


@dataclass(frozen=True, slots=True)
class NodeRecords:
    """The record stores of the nodes: the first one is that of the connected node or of the CIB file."""

    stores: tuple[tuple[str, RecordStore], ...]
    unreachable: tuple[str, ...] = ()

    @classmethod
    def of(cls, store: Store, peers: Iterable[Peer]) -> NodeRecords:
        """Return the store of the target, and those of the other nodes."""
        stores, unreachable = [(store.name, store.history)], []
        for peer in peers:
            if peer.transport is None:
                unreachable.append(f"{peer.node}: {peer.why}")
            else:
                stores.append((peer.node, NodeRecordStore(peer.transport, HISTORY_DIRECTORIES)))
        return cls(tuple(stores), tuple(unreachable))

    def write(self, record: Record) -> list[str]:
        """Write a record to all stores; return an error message for each one without it.

        Raises ClusterError if it is nowhere.
        """
        data = json.dumps(record.to_json(), ensure_ascii=False, indent=1).encode()
        errors = self._for_each(lambda store: store.write(f"{record.id}{SUFFIX}", data))
        if len(errors) == len(self.stores):
            raise ClusterError("; ".join(errors), code="not-recorded")
        return [*errors, *self.unreachable]

    def remove(self, record: Record) -> list[str]:
        """Remove a record from all stores; return an error message for each one that still has it."""
        return self._for_each(lambda store: store.remove([f"{record.id}{SUFFIX}"]))

    def remove_old(self) -> list[str]:
        """Remove the oldest records, and return error messages."""
        return self._for_each(lambda store: store.remove(store.names()[:-MAX_RECORDS]))

    def _for_each(self, call: RecordCall) -> list[str]:
        def attempt(named: tuple[str, RecordStore]) -> str:
            name, store = named
            try:
                call(store)
            except (TransportError, ClusterError) as error:
                return f"{name}: {error}"
            return ""

        return [error for error in run_parallel(attempt, self.stores) if error]


def read_history(store: Store, *, skip_invalid: bool = False) -> tuple[Record, ...]:
    """Return the recorded applies, the newest first.

    Raises ClusterError for an invalid record, unless these are skipped, which is safe for reports only.
    """
    contents = store.history.read()
    return tuple(_records(reversed(contents.items()), skip_invalid=skip_invalid))


def merge(*histories: Iterable[Record]) -> tuple[Record, ...]:
    """Return the records of several nodes, the newest first, and the most recent version of each."""
    found: dict[str, Record] = {}
    for record in (record for history in histories for record in history):
        known = found.get(record.id)
        if known is None or _PROGRESS.index(known.progress) < _PROGRESS.index(record.progress):
            found[record.id] = record
    return tuple(sorted(found.values(), key=lambda record: record.id, reverse=True))


#: The order in which the writer records its progress; of several ends, there is only one.
_PROGRESS = ("prepared", "stopped", "written", "interrupted", "failed", "done", "rolled-back")


def _records(contents: Iterable[tuple[str, bytes]], *, skip_invalid: bool) -> Iterator[Record]:
    for name, data in contents:
        try:
            yield Record.from_json(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if not skip_invalid:
                message = f"cannot read '{name}' in the apply history: not a valid record ({error})"
                raise ClusterError(message, code="bad-history") from None
