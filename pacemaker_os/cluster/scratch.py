"""A folder for scratch files where the cluster is, gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pacemaker_os.transport.base import Transport


@contextmanager
def scratch(transport: Transport) -> Iterator[str]:
    """Make a folder that only its owner can look into, and take it away with everything in it."""
    folder = transport.run(["mktemp", "--directory", "--tmpdir", "pcs-os.XXXXXXXX"]).text.strip()
    try:
        yield folder
    finally:
        transport.run(["rm", "-rf", "--", folder])
