"""The watcher of a cluster: a word that is another whenever its CIB has changed, asked for cheaply.

One child stays where the cluster is and answers each line that it gets with the version of the CIB, which
the status raises as well; it ends when its input does, so nothing is left behind at the other end.
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

_ANSWER = """
while read -r _; do
    cibadmin --query --xpath /cib --no-children 2>&1
    echo .
done
"""

#: How long an answer may take, in seconds.
PATIENCE = 10.0


class CibWatcher(Protocol):
    """Something that can be felt again and again."""

    def poll(self) -> str:
        """A word that is the same as long as the CIB is. Raises TransportError."""

    def close(self) -> None:
        """Let go."""


def watch_cib(cluster: Cluster) -> CibWatcher:
    """The watcher of a cluster, live or on disk."""
    store, transport = cluster.store, cluster.transport
    if store.path is not None:
        return FileWatcher(store.path)
    if isinstance(transport, ShellTransport):
        return LiveWatcher(transport)
    raise TransportError(f"{transport.name}: nothing can be watched through here", code="usage")


class FileWatcher:
    """A file's time and size."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def poll(self) -> str:
        """When the file was written last, and how large it is."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise TransportError(f"{self._path}: {error.strerror}", code="unreadable") from None
        return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"

    def close(self) -> None:
        """There is nothing to let go of."""


class LiveWatcher:
    """The version of a running cluster's CIB."""

    def __init__(self, transport: ShellTransport) -> None:
        self._transport = transport
        self._child: subprocess.Popen[bytes] | None = None

    def poll(self) -> str:
        """The `<cib>` without what is in it; a child that does not answer is replaced next time."""
        try:
            return self._ask()
        except (OSError, TransportError) as error:
            self.close()
            if isinstance(error, TransportError):
                raise
            raise TransportError(f"{self._transport.name}: {error.strerror or error}") from None

    def close(self) -> None:
        """End the child; at the other end its input is over, and so is it."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()

    def _ask(self) -> str:
        child = self._child = self._child or self._start()
        assert child.stdin and child.stdout
        child.stdin.write(b"\n")
        answer, deadline = b"", time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not answer.endswith(b".\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TransportError(f"{self._transport.name} does not answer")
                chunk = os.read(child.stdout.fileno(), 65536)
                if not chunk:
                    raise TransportError(f"{self._transport.name} cannot be reached")
                answer += chunk
        return answer.decode("utf-8", "replace")

    def _start(self) -> subprocess.Popen[bytes]:
        line = self._transport.client_line(["sh", "-c", _ANSWER, "sh"])
        return subprocess.Popen(
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A line is gone once it is written: none is left that a broken pipe would hold fast.
            bufsize=0,
            # Ctrl-C is for us; the child ends when we let go of it.
            process_group=0,
        )
