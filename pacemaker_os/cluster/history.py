"""What was applied, and the way back: one JSON file an apply, kept where the cluster is.

On a live cluster the files lie on the node that the apply went through and on every other that could be
reached, for root alone; for a CIB on disk, in a folder beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.file import FileStore
from pacemaker_os.cluster.peers import peers
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.extras import SchemaUpgrade
from pacemaker_os.plan.operation import Operation
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.version import Version
from pacemaker_os.transport.base import Transport

FOLDER = PurePosixPath("/var/lib/pcs-os/history")

#: How many applies are remembered.
KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One apply. `id` is a time and the version that it made; `operations` is what was done, not undone.

    `upgrade` is the newer schema that the configuration was taken to, if it was.
    """

    id: str
    when: str
    document: str
    before: Version
    after: Version
    operations: tuple[Operation, ...]
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
            "operations": [operation.to_json() for operation in self.operations],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Record:
        """Read what `to_json` wrote."""
        return cls(
            id=str(data["id"]),
            when=str(data["when"]),
            document=str(data["document"]),
            before=Version.parse(data["before"]),
            after=Version.parse(data["after"]),
            operations=tuple(map(Operation.from_json, data["operations"])),
            undoes=str(data.get("undoes", "")),
            upgrade=SchemaUpgrade.from_json(data.get("upgrade")),
        )


def record(cluster: Cluster, plan: Plan, after: Version, *, undoes: str = "") -> Record:
    """Remember an apply. Raises TransportError when it cannot be written."""
    now = datetime.now(UTC)
    made = Record(
        id=f"{now:%Y%m%dT%H%M%S}-{after.admin_epoch}.{after.epoch}",
        when=now.isoformat(timespec="seconds"),
        document=plan.document,
        before=plan.base,
        after=after,
        operations=plan.operations,
        undoes=undoes,
        upgrade=plan.upgrade,
    )
    _keep(cluster.transport, _folder(cluster), made, _owner(cluster))
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
            _keep(peer.transport, FOLDER, made, "root:root")
        except TransportError as error:
            missed.append(f"{peer.node}: {error}")
    return missed


def _keep(transport: Transport, folder: PurePosixPath, made: Record, owner: str) -> None:
    transport.run(["mkdir", "-p", "-m", "0700", str(folder)])
    text = json.dumps(made.to_json(), ensure_ascii=False, indent=1)
    transport.put(text.encode(), str(folder / f"{made.id}.json"), mode=0o600, owner=owner)
    names = _names(transport, folder)
    if len(names) > KEPT:
        transport.run(["rm", "-f", "--", *(str(folder / name) for name in names[:-KEPT])])


def history(cluster: Cluster) -> Iterator[Record]:
    """Every apply that is remembered, the newest first."""
    folder = _folder(cluster)
    for name in reversed(_names(cluster.transport, folder)):
        path = str(folder / name)
        try:
            yield Record.from_json(json.loads(cluster.transport.get(path)))
        except (ValueError, KeyError, TypeError) as error:
            raise ClusterError(
                f"{path}: this is no record of an apply: {error}", code="bad-history"
            ) from None


def find(cluster: Cluster, identifier: str | None) -> Record:
    """The apply of this id, or the last one. Raises ClusterError."""
    for found in history(cluster):
        if identifier in (None, found.id):
            return found
    if identifier is None:
        raise ClusterError(f"{cluster.name}: nothing was applied through here yet", code="no-history")
    message = f"{cluster.name}: there is no apply '{identifier}'; list them with: pcs-os history"
    raise ClusterError(message, code="no-history")


def _names(transport: Transport, folder: PurePosixPath) -> list[str]:
    listed = transport.run(["ls", "-1", str(folder)], ok=())
    return sorted(name for name in listed.text.splitlines() if name.endswith(".json"))


def _folder(cluster: Cluster) -> PurePosixPath:
    store = cluster.store
    if isinstance(store, FileStore):
        return PurePosixPath(f"{store.path}.history")
    return FOLDER


def _owner(cluster: Cluster) -> str:
    """On a live cluster root; beside a file, whoever runs this."""
    if cluster.live:
        return "root:root"
    identity = (
        cluster.transport.run(["id", "-u"]).text.strip(),
        cluster.transport.run(["id", "-g"]).text.strip(),
    )
    return ":".join(identity)
