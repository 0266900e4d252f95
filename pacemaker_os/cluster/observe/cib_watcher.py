"""Watch the CIB of a cluster for changes, at low cost.

One process stays on the node and responds to each input line with the version of the CIB, which changes with
the status as well. It ends with its input, so that no process stays on the node.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import Protocol

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.errors import TransportError
from pacemaker_os.transport.shell import ShellTransport

_SCRIPT = """
while read -r _; do
    cibadmin --query --xpath /cib --no-children 2>&1
    echo .
done
"""

#: Timeout of a response, in seconds.
TIMEOUT = 10.0


class CibWatcher(Protocol):
    """Detects changes of a CIB."""

    def poll(self) -> str:
        """Return a text that changes with the CIB. Raises TransportError."""

    def close(self) -> None:
        """Release the resources of the watcher."""


def watch_cib(cluster: Cluster) -> CibWatcher:
    """Return a watcher for a running cluster or a CIB file."""
    store, transport = cluster.store, cluster.transport
    if store.path is not None:
        return FileWatcher(store.path)
    if isinstance(transport, ShellTransport):
        return LiveWatcher(transport)
    raise TransportError(f"{transport.name}: this transport does not support watching", code="usage")


class FileWatcher:
    """Watches the time and size of a CIB file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def poll(self) -> str:
        """Return modification time, size and inode of the file."""
        try:
            status = self._path.stat()
        except OSError as error:
            raise TransportError(f"{self._path}: {error.strerror}", code="unreadable") from None
        return f"{status.st_mtime_ns} {status.st_size} {status.st_ino}"

    def close(self) -> None:
        """Do nothing."""


class LiveWatcher:
    """Watches the CIB version of a running cluster."""

    def __init__(self, transport: ShellTransport) -> None:
        self._transport = transport
        self._child: subprocess.Popen[bytes] | None = None

    def poll(self) -> str:
        """Return the `<cib>` element without its children. The next poll replaces a process that failed."""
        try:
            return self._query()
        except (OSError, TransportError) as error:
            self.close()
            if isinstance(error, TransportError):
                raise
            raise TransportError(f"{self._transport.name}: {error.strerror or error}") from None

    def close(self) -> None:
        """Stop the local process. The remote process ends because its input is closed."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()

    def _query(self) -> str:
        child = self._child = self._child or self._start()
        assert child.stdin and child.stdout
        child.stdin.write(b"\n")
        response, deadline = b"", time.monotonic() + TIMEOUT
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not response.endswith(b".\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TransportError(f"{self._transport.name} does not respond")
                chunk = os.read(child.stdout.fileno(), 65536)
                if not chunk:
                    raise TransportError(f"{self._transport.name} is unreachable")
                response += chunk
        return response.decode("utf-8", "replace")

    def _start(self) -> subprocess.Popen[bytes]:
        line = self._transport.client_line(["sh", "-c", _SCRIPT, "sh"])
        return subprocess.Popen(
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Unbuffered, so that no data is left to flush into a broken pipe.
            bufsize=0,
            # Ctrl-C must not reach the process; close() stops it.
            process_group=0,
        )
