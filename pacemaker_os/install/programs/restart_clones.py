"""Runs on a controller: restarts the instances of several clones on one node at the same time.

`crm_resource --restart --node` bans a single clone, and several runs of it would wait for each other
forever. This program bans all clones from the node until they have stopped there. If it is killed, its bans
remain; `crm_resource --clear` removes them like those of `crm_resource --ban`.
"""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import Any

#: Number of attempts to remove a ban while Pacemaker is busy, and seconds between them.
TRIES, PAUSE = 10, 2.0


def main(query: dict[str, Any]) -> None:
    """Ban `clones` from `node` until the cluster has settled, for at most `timeout` seconds."""
    bans = [f"cli-ban-{clone}-on-{query['node']}" for clone in query["clones"]]
    run(
        ["cibadmin", "--modify", "--allow-create", "--scope=constraints", "--xml-pipe"],
        constraints(query, bans),
    )
    try:
        run(["crm_resource", "--wait", f"--timeout={query['timeout']}s"])
    finally:
        remove(bans)


def constraints(query: dict[str, Any], bans: list[str]) -> str:
    """Return the bans as XML."""
    attributes = {"role": "Started", "node": query["node"], "score": "-INFINITY"}
    section = ET.Element("constraints")
    for clone, ban in zip(query["clones"], bans, strict=True):
        ET.SubElement(section, "rsc_location", {"id": ban, "rsc": clone, **attributes})
    return ET.tostring(section, encoding="unicode")


def remove(bans: list[str]) -> None:
    """Remove the bans."""
    condition = " or ".join(f"@id='{ban}'" for ban in bans)
    argv = ["cibadmin", "--delete-all", "--force", "--xpath", f"//rsc_location[{condition}]"]
    for _ in range(TRIES - 1):
        if not subprocess.run(argv, capture_output=True, check=False).returncode:
            return
        time.sleep(PAUSE)
    run(argv)


def run(argv: list[str], text: str = "") -> None:
    """Run a command. If it fails, end the program with its error output."""
    completed = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    if completed.returncode:
        sys.exit(f"{argv[0]} {argv[1]}: {(completed.stderr or completed.stdout).strip()}")
