"""The CIB that a node has in memory and on disk, and the space where its daemons write."""

from __future__ import annotations

import os
import pwd
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from pacemaker_os.cluster.observe.programs.commands import NoAnswer, output

_DIRECTORY = Path("/var/lib/pacemaker/cib")

#: The version of a CIB without the changes of its status, which are not written to disk.
_VERSION = ("admin_epoch", "epoch")

#: Directories that the daemons write to, each with the minimum of free space, in MiB.
DIRECTORIES = {
    "/var/lib/pacemaker": 50,
    "/var/lib/corosync": 20,
    "/var/lib/pcsd": 20,
    "/var/log": 50,
    "/run": 10,
    "/dev/shm": 4,
}


def view(seconds: float) -> dict[str, Any]:
    """Return the CIB version and the membership that this node itself has. Raises NoAnswer."""
    query = ["cibadmin", "--query", "--local", "--no-children"]
    text = output([*query, "--xpath", "/cib|/cib/status/node_state"], seconds)
    try:
        found = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        raise NoAnswer("cibadmin") from None
    cib = found if found.tag == "cib" else found.find("cib")
    if cib is None:
        raise NoAnswer("cibadmin")
    return {**cib.attrib, "nodes": [dict(each.attrib) for each in found.iter("node_state")]}


def disk(seconds: float) -> dict[str, Any]:
    """Return the version of the CIB on disk, and what prevents its use."""
    for attempt in range(2):
        found = _disk(seconds)
        # A file that is replaced meanwhile does not match its digest.
        if not found["error"] or attempt:
            break
        time.sleep(0.2)
    return {**found, "foreign": _foreign()}


def _disk(seconds: float) -> dict[str, Any]:
    path = _DIRECTORY / "cib.xml"
    found: dict[str, Any] = {"error": "", "written": 0.0}
    try:
        found["written"] = path.stat().st_mtime
        root = next(element for _, element in ElementTree.iterparse(path, ("start",)))
        found.update({name: root.get(name, "") for name in _VERSION})
        expected = path.with_name("cib.xml.sig").read_text().strip()
    except FileNotFoundError as error:
        return {**found, "error": f"{error.filename} does not exist"}
    except OSError as error:
        return {**found, "error": f"{error.filename or path} cannot be read ({error.strerror})"}
    except (ElementTree.ParseError, StopIteration, UnicodeError):
        return {**found, "error": f"{path} is damaged (not XML)"}
    actual = output(["cibadmin", "--md5-sum", "--xml-file", str(path)], seconds).split()
    if expected not in actual:
        found["error"] = f"{path} is damaged (its digest differs)"
    return found


def _foreign() -> list[str]:
    """Return the files of the CIB that pacemaker-based cannot replace because others own them."""
    try:
        owner = pwd.getpwnam("hacluster").pw_uid
        paths = [_DIRECTORY, _DIRECTORY / "cib.xml", _DIRECTORY / "cib.xml.sig"]
        return [str(path) for path in paths if path.exists() and path.stat().st_uid != owner]
    except (KeyError, OSError):
        return []


def file_systems() -> list[dict[str, Any]]:
    """Return the directories that have less free space than the daemons need, or cannot be written."""
    found = []
    for path, needed in DIRECTORIES.items():
        try:
            status = os.statvfs(path)
        except OSError:
            continue
        free = status.f_bavail * status.f_frsize // 2**20
        low = free < needed or (status.f_files > 0 and status.f_favail < 100)
        found.append(
            {
                "path": path,
                "free": free,
                "needed": needed,
                "files": status.f_favail if status.f_files else -1,
                "low": low,
                "read_only": bool(status.f_flag & os.ST_RDONLY),
            }
        )
    return found
