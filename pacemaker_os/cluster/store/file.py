"""A CIB file, without a running cluster.

A new version is written next to the file, checked, and renamed over it. A reader, or a crash, therefore
finds either the old or the new configuration. A symbolic link to the file stays. Writers of this project
lock the directory. A tool that takes no lock can be overwritten only between the check of the version and
the rename.
"""

from __future__ import annotations

import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copystat, which

from lxml import etree

from pacemaker_os.cib.tree.escapes import values_with_escapes
from pacemaker_os.cib.tree.replay import replay
from pacemaker_os.cluster.store import cibadmin
from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.cluster.store.cib_data import is_standard_input, read_cib_data, read_only_reason
from pacemaker_os.cluster.store.records import LocalRecordStore, RecordStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, MissingFile, UnreadableFile, read_failure
from pacemaker_os.transport.base import Transport

#: An empty CIB for machines without `cibadmin`: the oldest schema that supports everything in documents, and
#: that every supported Pacemaker reads.
EMPTY = b"""\
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="0" num_updates="0">
  <configuration><crm_config/><nodes/><resources/><constraints/></configuration>
  <status/>
</cib>
"""


@dataclass(frozen=True, slots=True)
class FileStore:
    """Reads and writes a CIB file, with `cibadmin` if it is installed.

    `label` is the name in messages, for a temporary file; by default it is the path.
    """

    path: Path
    transport: Transport
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or ("standard input" if is_standard_input(self.path) else str(self.path))

    @property
    def history(self) -> RecordStore:
        return LocalRecordStore(self._real_path.with_name(f"{self._real_path.name}.history"))

    @property
    def _real_path(self) -> Path:
        """The path to write: the file itself, not a symbolic link to it."""
        return self.path.resolve() if self.path.is_symlink() else self.path

    def check_writable(self) -> None:
        """Check that the file can be written. Raises ClusterError for compressed files and standard input."""
        if reason := read_only_reason(self.path):
            if is_standard_input(self.path):
                message = "cannot write to standard input; write the CIB to a file first"
            else:
                message = f"cannot write '{self.name}': {reason}; write the CIB to an uncompressed file first"
            raise ClusterError(message, code="read-only")

    def read(self) -> Snapshot:
        try:
            return Snapshot.of(read_cib_data(self.path), file=self.name)
        except FileNotFoundError:
            directory = self._real_path.parent
            if not directory.is_dir():
                remedy = f": directory '{directory}' does not exist; create it first"
                raise MissingFile(self.name, remedy) from None
            return Snapshot(Snapshot.of(self._empty()).cib, exists=False)
        except OSError as error:
            raise UnreadableFile(self.name, read_failure(error)) from None

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        self.check_writable()
        path = self._real_path
        with _locked(path.parent):
            # A file that does not exist yet has the same empty CIB as before.
            now = self.read() if base.exists or self.path.exists() else base
            if (now.version, now.exists) != (base.version, base.exists):
                raise VersionMismatch(f"{self.path} is at {now.version}, not at {base.version}")
            with _temporary_file(path) as candidate:
                candidate.write_bytes(etree.tostring(now.cib))
                if which("cibadmin"):
                    cibadmin.patch(self.transport, patch, env=only_this_file(candidate))
                if not which("cibadmin") or _is_awkward(now.cib, patch):
                    candidate.write_bytes(_serialize(replay(patch, now.cib), now))
                if now.exists:
                    copystat(path, candidate)
                _flush(candidate)
                candidate.replace(path)
                _flush(path.parent)

    def _empty(self) -> bytes:
        if which("cibadmin"):
            return self.transport.run(["cibadmin", "--empty"]).stdout
        return EMPTY


def _is_awkward(*elements: etree._Element) -> bool:
    """Return whether the tools of Pacemaker 2.1 would write values in these elements as other ones."""
    return any(True for element in elements for _ in values_with_escapes(element))


def _serialize(cib: etree._Element, base: Snapshot) -> bytes:
    """Return the CIB as XML, with the version and the time that cibadmin would record."""
    for name, value in base.version.next().attributes().items():
        cib.set(name, value)
    cib.set("cib-last-written", datetime.now(UTC).strftime("%a %b %e %H:%M:%S %Y"))
    cib.set("update-client", "pcs-os")
    return etree.tostring(cib, pretty_print=True)


def only_this_file(path: Path | str) -> dict[str, str]:
    """Return environment variables that make Pacemaker's tools use a CIB file only."""
    return {"CIB_file": str(path), "CIB_shadow": ""}


@contextmanager
def _temporary_file(path: Path) -> Iterator[Path]:
    """Create a file in the same directory, so that a rename is atomic, and remove it afterwards."""
    # Remove files of killed writers: only the holder of the lock can have such a file.
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
def _locked(directory: Path) -> Iterator[None]:
    """Lock the directory: without a lock file, and only as long as the process runs."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _flush(path: Path) -> None:
    """Write the file, or the entries of the directory, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
