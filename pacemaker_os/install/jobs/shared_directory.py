"""Files that one host makes and others must have alike: the newest of them wins."""

from __future__ import annotations

from pacemaker_os.install.context.context import Run, together
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.service import Shared


def share_folder(run: Run, shared: Shared) -> None:
    """Copy a folder from the host that has its newest files to those that have other ones."""
    nodes = [host.name for host in run.cloud.hosts if run.cloud.has(host, shared.roles)]
    if len(nodes) < 2:
        return
    trees = {node: run_program(run.transports[node], "tree_digests", shared.folder) for node in nodes}
    source = max(nodes, key=lambda node: trees[node]["newest"])
    behind = [node for node in nodes if trees[node]["files"] != trees[source]["files"]]
    if not behind:
        return
    files = run_program(run.transports[source], "read_tree", shared.folder)

    def copy(node: str) -> None:
        pieces: list[dict[str, object]] = [{"do": "folder", "path": shared.folder, "owner": shared.owner}]
        pieces += [
            {
                "do": "file",
                "path": f"{shared.folder}/{name}",
                "content": content,
                "owner": shared.owner,
                "mode": shared.mode,
            }
            for name, content in files.items()
        ]
        pieces.append({"do": "clear", "path": shared.folder, "keep": list(files)})
        with run.step(node, f"{shared.folder} from {source}"):
            run_program(run.transports[node], "write_files", pieces)
        run.note_change(node, shared.folder)

    together(copy, behind)
