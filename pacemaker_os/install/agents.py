"""Installation of the agents and their toolkit on a node: a release next to the old one, then one rename.

    /usr/lib/pacemaker-os/RELEASE/pacemaker_os/{ocf,agents}   the code, byte-compiled by the node's Python
    /usr/lib/pacemaker-os/RELEASE/agents/NAME                 agents, run by Pacemaker
    /usr/lib/pacemaker-os/RELEASE/fencing/NAME                fence agents, run by the fencer
    /usr/lib/pacemaker-os/current -> RELEASE                  renamed in the step that activates a release
    /usr/lib/ocf/resource.d/pacemaker-os -> /usr/lib/pacemaker-os/current/agents
    /usr/sbin/fence_NAME -> /usr/lib/pacemaker-os/current/fencing/fence_NAME

An action that runs while `current` changes keeps using its own release, because an executable finds its code
by its real path. The previous release is kept for such actions.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pacemaker_os
from pacemaker_os import __version__
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport

HOME = "/usr/lib/pacemaker-os"
PROVIDER = "/usr/lib/ocf/resource.d/pacemaker-os"
FENCING = "/usr/sbin"
PYTHON = "/usr/bin/python3"

#: Executable of an agent; its file name is the name of the agent.
EXECUTABLE = """\
#!/usr/bin/python3 -IS
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from pacemaker_os.agents import main

main(os.path.basename(__file__))
"""

#: Executable of a fence agent.
FENCING_EXECUTABLE = """\
#!/usr/bin/python3 -IS
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from pacemaker_os.agents.{name}.fence import main

main()
"""

#: Timeout of one command on a node, in seconds.
TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Release:
    """A release: a name with the version and a digest of the content, and an archive of the files."""

    name: str
    archive: bytes


@dataclass(frozen=True, slots=True)
class Installed:
    """Result of an installation on a node."""

    node: str
    release: str
    changed: bool


def agent_names() -> list[str]:
    """Return the names of the agents of this version, as Pacemaker uses them."""
    directory = Path(pacemaker_os.__file__).parent / "agents"
    return sorted(path.parent.name.replace("_", "-") for path in directory.glob("*/agent.py"))


def fencing_names() -> list[str]:
    """Return the names of the fence agents of this version."""
    directory = Path(pacemaker_os.__file__).parent / "agents"
    return sorted(path.parent.name for path in directory.glob("fence_*/fence.py"))


def links() -> dict[str, str]:
    """Return the symbolic links in the directories where Pacemaker finds agents, with their targets."""
    fencing = {f"{FENCING}/{name}": f"{HOME}/current/fencing/{name}" for name in fencing_names()}
    return {PROVIDER: f"{HOME}/current/agents", **fencing}


def release() -> Release:
    """Return the release of this version."""
    files = sorted(release_files())
    digest = hashlib.sha256()
    buffer = io.BytesIO()
    # The archive contains no times and owners, so that the same content gives the same release.
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
    """Yield path, content and mode of each file of the release."""
    root = Path(pacemaker_os.__file__).parent
    code = [path for package in ("ocf", "agents") for path in (root / package).rglob("*.py")]
    for path in [root / "__init__.py", *code]:
        yield str(path.relative_to(root.parent)), path.read_bytes(), 0o644
    for name in agent_names():
        yield f"agents/{name}", EXECUTABLE.encode(), 0o755
    for name in fencing_names():
        yield f"fencing/{name}", FENCING_EXECUTABLE.format(name=name).encode(), 0o755


def install(transport: Transport, new: Release) -> Installed:
    """Install a release on the node behind `transport`, unless the node has it already.

    Pacemaker keeps using the previous release until the last steps.

    Raises:
        ClusterError: a link would replace a file or directory that this function did not create.
        TransportError: the node is unreachable, or a command failed there.
    """
    for path in links():
        reject_foreign(transport, path)
    changed = link_target(transport, f"{HOME}/current") != new.name
    if changed:
        unpack(transport, new)
        replace_link(transport, f"{HOME}/current", new.name)
        prune(transport, new.name)
    for path, target in links().items():
        if link_target(transport, path) != target:
            run(transport, "mkdir", "-p", str(Path(path).parent))
            replace_link(transport, path, target)
            changed = True
    return Installed(transport.name, new.name, changed)


def reject_foreign(transport: Transport, path: str) -> None:
    """Raise ClusterError if `path` exists and is not a symbolic link."""
    if transport.run(["test", "-e", path, "-a", "!", "-L", path], ok=(0, 1)).status == 0:
        raise ClusterError(
            f"{transport.name}: cannot install agents at '{path}': it exists and `pcs-os agents install` "
            "did not create it; move it away first",
            code="not-replaced",
        )


def link_target(transport: Transport, path: str) -> str:
    """Return the target of a symbolic link; an empty text if it does not exist."""
    return transport.run(["readlink", path], ok=(0, 1)).text.strip()


def run(transport: Transport, *argv: str) -> None:
    """Run a command on the node."""
    transport.run(argv, timeout=TIMEOUT)


def unpack(transport: Transport, new: Release) -> None:
    """Unpack and byte-compile a release into its directory."""
    final, fresh, archive = f"{HOME}/{new.name}", f"{HOME}/{new.name}.new", f"{HOME}/release.tar.gz"
    run(transport, "rm", "-rf", fresh)
    run(transport, "mkdir", "-p", fresh)
    transport.put(new.archive, archive, mode=0o644)
    run(transport, "tar", "-xzf", archive, "-C", fresh, "--no-same-owner", "--no-same-permissions")
    run(transport, "rm", "-f", archive)
    run(transport, "chmod", "-R", "u=rwX,go=rX", fresh)
    run(transport, PYTHON, "-m", "compileall", "-q", "-s", fresh, "-p", final, f"{fresh}/pacemaker_os")
    run(transport, "rm", "-rf", final)
    run(transport, "mv", "-T", fresh, final)


def replace_link(transport: Transport, path: str, target: str) -> None:
    """Point the link `path` to `target` atomically."""
    run(transport, "ln", "-sfn", target, f"{path}.new")
    run(transport, "mv", "-T", f"{path}.new", path)


def prune(transport: Transport, current: str) -> None:
    """Remove all releases except the current and the previous one, which running actions may use."""
    names = transport.run(["ls", "-1t", HOME]).text.split()
    releases = [name for name in names if "-" in name and name not in (current, "current")]
    for name in releases[1:]:
        run(transport, "rm", "-rf", f"{HOME}/{name}")
