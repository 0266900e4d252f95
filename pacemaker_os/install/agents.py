"""Putting the kit and the agents on a node: a release beside the old one, then one rename.

    /usr/lib/pacemaker-os/RELEASE/pacemaker_os/{ocf,agents}   the code, byte-compiled by the node's Python
    /usr/lib/pacemaker-os/RELEASE/agents/NAME                 what Pacemaker runs
    /usr/lib/pacemaker-os/current -> RELEASE                  the one step that changes anything
    /usr/lib/pacemaker-os/RELEASE/fencing/NAME                what the fencer runs
    /usr/lib/ocf/resource.d/pacemaker-os -> /usr/lib/pacemaker-os/current/agents
    /usr/sbin/fence_NAME -> /usr/lib/pacemaker-os/current/fencing/fence_NAME

An action that runs while `current` changes goes on with the release it began with: an executable finds
its code from the place where it really lies. The release before is kept for such actions.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pacemaker_os
from pacemaker_os import __version__
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport

HOME = "/usr/lib/pacemaker-os"
PROVIDER = "/usr/lib/ocf/resource.d/pacemaker-os"
FENCING = "/usr/sbin"
PYTHON = "/usr/bin/python3"

#: What Pacemaker runs; the file's own name says which agent it is.
EXECUTABLE = """\
#!/usr/bin/python3 -IS
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from pacemaker_os.agents import main

main(os.path.basename(__file__))
"""

#: What the fencer runs.
FENCING_EXECUTABLE = """\
#!/usr/bin/python3 -IS
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from pacemaker_os.agents.{name}.fence import main

main()
"""

#: Seconds that one step on a node may take.
STEP = 120.0


@dataclass(frozen=True, slots=True)
class Release:
    """What is installed: a name that says version and content, and the files as an archive."""

    name: str
    archive: bytes


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did on a node."""

    node: str
    release: str
    changed: bool


def agent_names() -> list[str]:
    """The agents of this version, by the names that Pacemaker knows."""
    folder = Path(pacemaker_os.__file__).parent / "agents"
    return sorted(path.parent.name.replace("_", "-") for path in folder.glob("*/agent.py"))


def fencing_names() -> list[str]:
    """The fence agents of this version."""
    folder = Path(pacemaker_os.__file__).parent / "agents"
    return sorted(path.parent.name for path in folder.glob("fence_*/fence.py"))


def links() -> dict[str, str]:
    """Where Pacemaker looks for agents, and what it is led to there."""
    fencing = {f"{FENCING}/{name}": f"{HOME}/current/fencing/{name}" for name in fencing_names()}
    return {PROVIDER: f"{HOME}/current/agents", **fencing}


def release() -> Release:
    """The release that this version of the project is."""
    files = sorted(release_files())
    digest = hashlib.sha256()
    buffer = io.BytesIO()
    # No time and no owner in the archive: the same content is the same release.
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path, data, mode in files:
            digest.update(f"{path} {mode:o} {len(data)} ".encode() + data)
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
    return Release(f"{__version__}-{digest.hexdigest()[:12]}", buffer.getvalue())


def release_files() -> Iterator[tuple[str, bytes, int]]:
    """Path, content and mode of every file of the release."""
    root = Path(pacemaker_os.__file__).parent
    code = [path for room in ("ocf", "agents") for path in (root / room).rglob("*.py")]
    for path in [root / "__init__.py", *code]:
        yield str(path.relative_to(root.parent)), path.read_bytes(), 0o644
    for name in agent_names():
        yield f"agents/{name}", EXECUTABLE.encode(), 0o755
    for name in fencing_names():
        yield f"fencing/{name}", FENCING_EXECUTABLE.format(name=name).encode(), 0o755


def install(transport: Transport, wanted: Release) -> Installed:
    """Put `wanted` on the node behind `transport`; a node that has it is left alone.

    Raises ClusterError when an agent's place is taken by something else, TransportError when the
    node cannot be reached or a step fails there. Nothing is changed for Pacemaker until the last steps.
    """
    for place in links():
        refuse_foreign(transport, place)
    changed = link(transport, f"{HOME}/current") != wanted.name
    if changed:
        unpack(transport, wanted)
        point(transport, f"{HOME}/current", wanted.name)
        prune(transport, wanted.name)
    for place, target in links().items():
        if link(transport, place) != target:
            run(transport, "mkdir", "-p", str(Path(place).parent))
            point(transport, place, target)
            changed = True
    return Installed(transport.name, wanted.name, changed)


def refuse_foreign(transport: Transport, place: str) -> None:
    """Raise ClusterError when something that is not ours lies where Pacemaker looks for our agents."""
    if transport.run(["test", "-e", place, "-a", "!", "-L", place], ok=(0, 1)).status == 0:
        raise ClusterError(
            f"{transport.name}: {place} is there, and `pcs-os agents install` did not make it; "
            "move it away first",
            code="foreign-agents",
        )


def link(transport: Transport, path: str) -> str:
    """Where a symbolic link points; empty when there is none."""
    return transport.run(["readlink", path], ok=(0, 1)).text.strip()


def run(transport: Transport, *argv: str) -> None:
    """One step on the node."""
    transport.run(argv, timeout=STEP)


def unpack(transport: Transport, wanted: Release) -> None:
    """Unpack and byte-compile the release under its name."""
    final, fresh, archive = f"{HOME}/{wanted.name}", f"{HOME}/{wanted.name}.new", f"{HOME}/release.tar.gz"
    run(transport, "rm", "-rf", fresh)
    run(transport, "mkdir", "-p", fresh)
    transport.put(wanted.archive, archive, mode=0o644)
    run(transport, "tar", "-xzf", archive, "-C", fresh, "--no-same-owner", "--no-same-permissions")
    run(transport, "rm", "-f", archive)
    run(transport, "chmod", "-R", "u=rwX,go=rX", fresh)
    run(transport, PYTHON, "-m", "compileall", "-q", "-s", fresh, "-p", final, f"{fresh}/pacemaker_os")
    run(transport, "rm", "-rf", final)
    run(transport, "mv", "-T", fresh, final)


def point(transport: Transport, path: str, target: str) -> None:
    """Make the link `path` point to `target` in one step: there is no moment without it."""
    run(transport, "ln", "-sfn", target, f"{path}.new")
    run(transport, "mv", "-T", f"{path}.new", path)


def prune(transport: Transport, keep: str) -> None:
    """Remove releases that no running action can still be of: all but this one and the one before."""
    names = transport.run(["ls", "-1t", HOME]).text.split()
    releases = [name for name in names if "-" in name and name not in (keep, "current")]
    for name in releases[1:]:
        run(transport, "rm", "-rf", f"{HOME}/{name}")
