"""Temporary directories on the machine that a transport leads to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pacemaker_os.transport.base import Transport


@contextmanager
def scratch(transport: Transport) -> Iterator[str]:
    """Create a directory that only its owner can read, and remove it afterwards."""
    directory = transport.run(["mktemp", "--directory", "--tmpdir", "pcs-os.XXXXXXXX"]).text.strip()
    try:
        yield directory
    finally:
        transport.run(["rm", "-rf", "--", directory])
