"""Runs on a node: runs a command that must finish even if its caller does not wait for it.

The command gets its own session and writes its output to a file, so neither a closed connection nor a
closed pipe ends it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import Any

#: Maximum size of the output in the response, in bytes; the end of the output is kept.
LIMIT = 4096


def main(query: dict[str, Any]) -> None:
    """Run `argv`, wait, and print its exit status and output."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            query["argv"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        status = child.wait()
        output.seek(max(0, output.seek(0, 2) - LIMIT))
        print(json.dumps({"status": status, "output": output.read().decode("utf-8", "replace").strip()}))
