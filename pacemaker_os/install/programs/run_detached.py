"""Runs on a node: runs a command that must come to its end, whatever becomes of who asked for it.

It has a session of its own, and writes into a file: neither the end of a connection nor a pipe that nobody
reads any more ends it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import Any

#: How much of what it said is told, in bytes: the end of it.
TOLD = 4096


def main(asked: dict[str, Any]) -> None:
    """Run `argv`, wait, and print its exit status and what it said."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            asked["argv"], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        status = child.wait()
        said.seek(max(0, said.seek(0, 2) - TOLD))
        print(json.dumps({"status": status, "said": said.read().decode("utf-8", "replace").strip()}))
