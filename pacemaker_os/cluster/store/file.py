"""A CIB on disk: no daemon, one file.

A new version is made beside the file, checked, and renamed over it, so a reader (or a crash) finds the
old configuration or the new one. Writers of this project take turns by a lock on the folder; the moment
between the last look at the version and the rename is the only one in which another tool that takes no
lock could be overwritten.
"""

from __future__ import annotations

import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copystat, which

from lxml import etree

from pacemaker_os.cib.tree.replay import replay
from pacemaker_os.cluster.store import cibadmin
from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.cluster.store.records import LocalRecordStore, RecordStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport

#: What a file begins with where no tool is there to ask: the oldest schema that says everything
#: that documents can say, and that every supported Pacemaker reads.
EMPTY = b"""\
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="0" num_updates="0">
  <configuration><crm_config/><nodes/><resources/><constraints/></configuration>
  <status/>
</cib>
"""


@dataclass(frozen=True, slots=True)
class FileStore:
    """Reads and writes a CIB file: with `cibadmin` where it is installed, else by itself.

    `called` is what people call what is in it, where nobody chose the file.
    """

    path: Path
    transport: Transport
    called: str = ""

    @property
    def name(self) -> str:
        return self.called or str(self.path)

    @property
    def history(self) -> RecordStore:
        return LocalRecordStore(self.path.with_name(f"{self.path.name}.history"))

    def read(self) -> Snapshot:
        try:
            return Snapshot.of(self.path.read_bytes(), file=str(self.path))
        except FileNotFoundError:
            if not self.path.parent.is_dir():
                message = f"{self.path}: there is no folder {self.path.parent}; make it first"
                raise ClusterError(message, code="no-such-file") from None
            return Snapshot(Snapshot.of(self._empty()).cib, exists=False)
        except OSError as error:
            raise ClusterError(f"{self.path}: {error.strerror}", code="unreadable") from None

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        with _locked(self.path.parent):
            # What is not there yet is the same empty CIB as before.
            now = self.read() if base.exists or self.path.exists() else base
            if (now.version, now.exists) != (base.version, base.exists):
                raise VersionMismatch(f"{self.path} is at {now.version}, not at {base.version}")
            with _beside(self.path) as candidate:
                candidate.write_bytes(etree.tostring(now.cib))
                if which("cibadmin"):
                    cibadmin.patch(self.transport, patch, env=only_this_file(candidate))
                else:
                    candidate.write_bytes(_written(replay(patch, now.cib), now))
                if now.exists:
                    copystat(self.path, candidate)
                _flush(candidate)
                candidate.replace(self.path)
                _flush(self.path.parent)

    def _empty(self) -> bytes:
        if which("cibadmin"):
            return self.transport.run(["cibadmin", "--empty"]).stdout
        return EMPTY


def _written(cib: etree._Element, base: Snapshot) -> bytes:
    """The bytes of a CIB with the version and the time of a writing that cibadmin would note."""
    for name, value in base.version.next().attributes().items():
        cib.set(name, value)
    cib.set("cib-last-written", datetime.now(UTC).strftime("%a %b %e %H:%M:%S %Y"))
    cib.set("update-client", "pcs-os")
    return etree.tostring(cib, pretty_print=True)


def only_this_file(path: Path | str) -> dict[str, str]:
    """The environment in which Pacemaker's tools act on a file and on nothing else."""
    return {"CIB_file": str(path), "CIB_shadow": ""}


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new file in the same folder, so that a rename is atomic; gone afterwards."""
    # What a killed writer left behind: whoever holds the lock is the only one who may have such a file.
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    candidate = Path(name)
    try:
        yield candidate
    finally:
        candidate.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: it leaves no lock file behind, and goes with the process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _flush(path: Path) -> None:
    """Have the file (or the folder's list of names) on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
