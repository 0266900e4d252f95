"""Directories that one host generates and other hosts need copies of."""

from __future__ import annotations

from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.service import Shared
from pacemaker_os.parallel import run_parallel


def distribute_directory(context: DeployContext, shared: Shared) -> None:
    """Copy a directory from the host with the newest files to the hosts whose files differ."""
    nodes = [host.name for host in context.cloud.hosts if context.cloud.has(host, shared.roles)]
    if len(nodes) < 2:
        return
    path, transports = shared.directory, context.transports
    trees = {node: run_program(transports[node], "tree_digests", path) for node in nodes}
    source = max(nodes, key=lambda node: trees[node]["newest"])
    outdated = [node for node in nodes if trees[node]["files"] != trees[source]["files"]]
    if not outdated:
        return
    files = run_program(transports[source], "read_tree", path)
    entries = _entries(shared, files)

    def copy(node: str) -> None:
        with context.recorder.step(node, f"copy {path} from {source}"):
            run_program(transports[node], "write_files", entries)
        context.recorder.record_change(node, path)

    run_parallel(copy, outdated)


def _entries(shared: Shared, files: dict[str, str]) -> list[dict[str, object]]:
    """Return the directory with its files, by relative path, as the program `write_files` expects them."""
    return [
        {"action": "directory", "path": shared.directory, "owner": shared.owner},
        *(
            {
                "action": "file",
                "path": f"{shared.directory}/{name}",
                "content": content,
                "owner": shared.owner,
                "mode": shared.mode,
            }
            for name, content in files.items()
        ),
        {"action": "clear", "path": shared.directory, "keep": list(files)},
    ]
