"""Runs on a controller: restarts the instances of several clones on one node, all at the same time.

As `crm_resource --restart --node` does it for one (several of which wait for each other for ever): the clones
are banned from the node until they have stopped there. A ban that an end in between leaves behind is one of
`crm_resource --ban`, and `crm_resource --clear` takes it back.
"""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import Any

#: Times that a ban is tried to be taken back, and seconds between them: Pacemaker may be busy for a moment.
TRIES, PAUSE = 10, 2.0


def main(asked: dict[str, Any]) -> None:
    """Ban `clones` from `node` until the cluster has nothing left to do, at most `timeout` seconds."""
    bans = [f"cli-ban-{clone}-on-{asked['node']}" for clone in asked["clones"]]
    tell(
        ["cibadmin", "--modify", "--allow-create", "--scope=constraints", "--xml-pipe"],
        constraints(asked, bans),
    )
    try:
        tell(["crm_resource", "--wait", f"--timeout={asked['timeout']}s"])
    finally:
        end(bans)


def constraints(asked: dict[str, Any], bans: list[str]) -> str:
    """The bans as the cluster keeps them."""
    said = {"role": "Started", "node": asked["node"], "score": "-INFINITY"}
    section = ET.Element("constraints")
    for clone, ban in zip(asked["clones"], bans, strict=True):
        ET.SubElement(section, "rsc_location", {"id": ban, "rsc": clone, **said})
    return ET.tostring(section, encoding="unicode")


def end(bans: list[str]) -> None:
    """Take the bans back."""
    which = " or ".join(f"@id='{ban}'" for ban in bans)
    line = ["cibadmin", "--delete-all", "--force", "--xpath", f"//rsc_location[{which}]"]
    for _ in range(TRIES - 1):
        if not subprocess.run(line, capture_output=True, check=False).returncode:
            return
        time.sleep(PAUSE)
    tell(line)


def tell(line: list[str], text: str = "") -> None:
    """Run a command; what goes wrong ends the program, with what was said."""
    done = subprocess.run(line, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{line[0]} {line[1]}: {(done.stderr or done.stdout).strip()}")
