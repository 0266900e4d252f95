"""What was applied, and the way back: one JSON file an apply, kept where the cluster is.

On a live cluster the files lie on the node that the apply went through and on every other that could be
reached, for root alone; for a CIB on disk, in a folder beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.peers import peers
from pacemaker_os.cluster.store.file import FileStore
from pacemaker_os.cluster.store.records import LocalShelf, NodeShelf, Shelf
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade

FOLDER = "/var/lib/pcs-os/history"

_SUFFIX = ".json"

#: How many applies are remembered.
KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One apply. `id` is a time and the version that it made; `changes` is what was done, not undone.

    `upgrade` is the newer schema that the configuration was taken to, if it was.
    """

    id: str
    when: str
    document: str
    before: Version
    after: Version
    changes: tuple[ConfigChange, ...]
    undoes: str = ""
    upgrade: SchemaUpgrade | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as JSON can say it."""
        return {
            "id": self.id,
            "when": self.when,
            "document": self.document,
            "before": str(self.before),
            "after": str(self.after),
            "undoes": self.undoes,
            "upgrade": None if self.upgrade is None else self.upgrade.to_json(),
            "changes": [change.to_json() for change in self.changes],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        """Read what `to_json` wrote."""
        # Records of plan format 1 name the list `operations`.
        changes = data["changes"] if "changes" in data else data["operations"]
        return cls(
            id=str(data["id"]),
            when=str(data["when"]),
            document=str(data["document"]),
            before=Version.parse(data["before"]),
            after=Version.parse(data["after"]),
            changes=tuple(map(ConfigChange.from_json, changes)),
            undoes=str(data.get("undoes", "")),
            upgrade=SchemaUpgrade.from_json(data.get("upgrade")),
        )


def record(cluster: Cluster, plan: Plan, after: Version, *, undoes: str = "") -> Record:
    """Remember an apply. Raises TransportError or ClusterError when it cannot be written."""
    now = datetime.now(UTC)
    made = Record(
        id=f"{now:%Y%m%dT%H%M%S}-{after.admin_epoch}.{after.epoch}",
        when=now.isoformat(timespec="seconds"),
        document=plan.document,
        before=plan.base,
        after=after,
        changes=plan.changes,
        undoes=undoes,
        upgrade=plan.upgrade,
    )
    _keep(_shelf(cluster), made)
    return made


def spread(cluster: Cluster, made: Record) -> list[str]:
    """Keep a record on the other nodes as well; return why it could not be, node by node."""
    if not cluster.live:
        return []
    missed = []
    for peer in peers(cluster)[1:]:
        try:
            if peer.transport is None:
                raise TransportError(peer.why)
            _keep(NodeShelf(peer.transport, FOLDER), made)
        except TransportError as error:
            missed.append(f"{peer.node}: {error}")
    return missed


def _keep(shelf: Shelf, made: Record) -> None:
    text = json.dumps(made.to_json(), ensure_ascii=False, indent=1)
    shelf.write(f"{made.id}{_SUFFIX}", text.encode())
    shelf.remove(_names(shelf)[:-KEPT])


def history(cluster: Cluster) -> Iterator[Record]:
    """Every apply that is remembered, the newest first."""
    shelf = _shelf(cluster)
    for name in reversed(_names(shelf)):
        try:
            yield Record.from_json(json.loads(shelf.read(name)))
        except (ValueError, KeyError, TypeError) as error:
            message = f"{name} in the history: this is no record of an apply: {error}"
            raise ClusterError(message, code="bad-history") from None


def read_history(cluster: Cluster) -> tuple[Record, ...]:
    """Every apply that is remembered where the cluster is reached, the oldest first, in one question.

    What cannot be read is left out: this history is for telling, not for acting upon.
    """
    store = cluster.store
    folder = f"{store.path}.history" if isinstance(store, FileStore) else str(FOLDER)
    argv = ["find", folder, "-maxdepth", "1", "-name", "*.json", "-exec", "cat", "--", "{}", "+"]
    try:
        text = cluster.transport.run(argv, ok=()).text
    except TransportError:
        return ()
    return tuple(sorted(_records(text), key=lambda record: record.id))


def _records(text: str) -> Iterator[Record]:
    """The records in JSON texts that follow each other."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        try:
            data, at = decoder.raw_decode(text, at)
            yield Record.from_json(data)
        except (ValueError, KeyError, TypeError):
            return
        while at < len(text) and text[at].isspace():
            at += 1


def find(cluster: Cluster, identifier: str | None) -> Record:
    """The apply of this id, or the last one. Raises ClusterError."""
    for found in history(cluster):
        if identifier in (None, found.id):
            return found
    if identifier is None:
        raise ClusterError(f"{cluster.name}: nothing was applied through here yet", code="no-history")
    message = f"{cluster.name}: there is no apply '{identifier}'; list them with: pcs-os history"
    raise ClusterError(message, code="no-history")


def _names(shelf: Shelf) -> list[str]:
    return [name for name in shelf.names() if name.endswith(_SUFFIX)]


def _shelf(cluster: Cluster) -> Shelf:
    store = cluster.store
    if isinstance(store, FileStore):
        return LocalShelf(store.path.with_name(f"{store.path.name}.history"))
    return NodeShelf(cluster.transport, FOLDER)
