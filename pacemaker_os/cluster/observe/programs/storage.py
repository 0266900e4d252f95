"""The CIB that a node has in memory and on disk, and the space where its daemons write."""

from __future__ import annotations

import os
import pwd
import time
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from pacemaker_os.cluster.observe.programs.commands import NoAnswer, output

_DIRECTORY = Path("/var/lib/pacemaker/cib")

#: The version of a CIB without the changes of its status, which are not written to disk, and the time of it.
_VERSION = ("admin_epoch", "epoch", "cib-last-written")

#: Directories that the daemons write to, each with the minimum of free space, in MiB.
DIRECTORIES = {
    "/var/lib/pacemaker": 50,
    "/var/lib/pacemaker/cib": 50,
    "/var/lib/pacemaker/pengine": 50,
    "/var/lib/corosync": 20,
    "/var/lib/pcsd": 20,
    "/var/log": 50,
    "/run": 10,
    # Messages between the daemons are in shared memory.
    str(Path("/dev", "shm")): 4,
}

#: Minimum number of files that can still be created.
_FILES = 100


def view(seconds: float) -> dict[str, Any]:
    """Return the CIB version and the membership that this node itself has. Raises NoAnswer."""
    query = ["cibadmin", "--query", "--local", "--no-children"]
    text = output([*query, "--xpath", "/cib|/cib/status/node_state"], seconds)
    try:
        found = elements(text.encode())
    except ExpatError:
        raise NoAnswer("cibadmin") from None
    cib = next((attributes for name, attributes in found if name == "cib"), None)
    if cib is None:
        raise NoAnswer("cibadmin")
    return {**cib, "nodes": [attributes for name, attributes in found if name == "node_state"]}


def elements(data: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return the name and the attributes of each element. Raises ExpatError."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes))
    parser.Parse(data, True)
    return found


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
        _, attributes = elements(path.read_bytes())[0]
        found.update({name: attributes.get(name, "") for name in _VERSION})
        expected = path.with_name("cib.xml.sig").read_text().strip()
    except FileNotFoundError as error:
        return {**found, "error": f"{error.filename} does not exist"}
    except OSError as error:
        return {**found, "error": f"{error.filename or path} cannot be read ({error.strerror})"}
    except (ExpatError, UnicodeError):
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
    found: dict[int, dict[str, Any]] = {}
    for path, needed in DIRECTORIES.items():
        try:
            status, device = os.statvfs(path), Path(path).stat().st_dev
        except OSError:
            continue
        free = status.f_bavail * status.f_frsize // 2**20
        low = free < needed or (status.f_files > 0 and status.f_favail < _FILES)
        entry = {"path": path, "free": free, "needed": needed, "low": low}
        # Of directories on one file system, the one that needs the most space counts.
        if device not in found or found[device]["needed"] < needed:
            found[device] = {**entry, "read_only": bool(status.f_flag & os.ST_RDONLY)}
    return list(found.values())
