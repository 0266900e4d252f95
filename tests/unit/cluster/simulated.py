"""A live cluster without daemons: every change takes effect immediately, as the scheduler decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from pacemaker_os.cib.tree.replay import replay
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.cluster.store.live import HISTORY_DIRECTORIES
from pacemaker_os.cluster.store.records import NodeRecordStore, RecordStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.plan.prediction.simulated_status import all_online
from pacemaker_os.transport.base import Result
from pacemaker_os.transport.local import LocalTransport

EMPTY = """
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
  <configuration>
    <crm_config><cluster_property_set id="cib-bootstrap-options">
      <nvpair id="fencing" name="stonith-enabled" value="false"/>
    </cluster_property_set></crm_config>
    <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
    <resources/><constraints/>
  </configuration>
</cib>
"""


def lines(data: bytes) -> list[bytes]:
    """Return the lines of a file, each with its end."""
    return [line + b"\n" for line in data.split(b"\n")]


@dataclass
class SimulatedCluster:
    """The store, the transport and the scheduler of such a cluster.

    With `deaf`, changes no longer take effect. `others` is a primitive that another user removes right after
    the next change. `written` are the CIBs that were written.
    """

    folder: Path
    deaf: bool = False
    others: str = ""
    written: list[etree._Element] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    name: str = "simulated"
    path: None = None

    def __post_init__(self) -> None:
        self.local = LocalTransport()
        self.scheduler = Scheduler(self.local)
        self.cib = all_online(Snapshot.of(EMPTY).cib)

    @property
    def history(self) -> RecordStore:
        return NodeRecordStore(self, HISTORY_DIRECTORIES)

    def cluster(self) -> Cluster:
        return Cluster(self, self.scheduler, self, live=True)

    def read(self) -> Snapshot:
        return Snapshot(self.cib)

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        if base.version != Version.of(self.cib):
            raise VersionMismatch
        new = replay(patch, self.cib)
        for name, value in base.version.next().attributes().items():
            new.set(name, value)
        self.written.append(new)
        self.cib = new if self.deaf else self.settled(new)
        if self.others:
            gone, self.others = self.cib.find(f".//primitive[@id='{self.others}']"), ""
            gone.getparent().remove(gone)
            self.cib.set("epoch", str(int(self.cib.get("epoch")) + 1))

    def settled(self, cib: etree._Element) -> etree._Element:
        after = self.scheduler.settle(cib)
        for name, value in Version.of(cib).attributes().items():
            after.set(name, value)
        return after

    def run(self, argv: Sequence[str], *, env: Mapping[str, Any] | None = None, **options: Any) -> Result:
        match argv[0]:
            case "crmadmin":
                return Result(tuple(argv), 0, b"S_IDLE", b"", 0.0)
            case "crm_node":
                return Result(tuple(argv), 0, b"1 n1 member\n" if "--list" in argv else b"n1\n", b"", 0.0)
            case "crm_mon":
                path = self.folder / "now.xml"
                path.write_bytes(etree.tostring(self.cib))
                return self.local.run(argv, env={"CIB_file": str(path)}, **options)
            case "sh":
                # The script that writes a record to a directory.
                self.files[f"{argv[-2]}/{argv[-1]}"] = options["input"]
                return Result(tuple(argv), 0, b"", b"", 0.0)
            case "find":
                return Result(tuple(argv), 0, "\n".join(self.files).encode(), b"", 0.0)
            case "grep":
                found = (
                    f"{path}:".encode() + line for path, data in self.files.items() for line in lines(data)
                )
                return Result(tuple(argv), 0, b"".join(found), b"", 0.0)
            case "rm":
                for path in argv:
                    self.files.pop(path, None)
                return Result(tuple(argv), 0, b"", b"", 0.0)
        raise AssertionError(f"unexpected command: {argv}")

    def put(self, data: bytes, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        self.files[path] = data

    def get(self, path: str, *, limit: int = 0) -> bytes:
        return self.files[path]

    def close(self) -> None:
        """Do nothing."""
