"""Configure a service on the nodes of a lab and install the agents.

python3 -m benchmarks.agents.prepare LAB SERVICE
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from benchmarks.agents.services import SERVICES, fill
from benchmarks.agents.settle import Lab, pcs_os


def prepare(lab: Lab, name: str) -> None:
    """Make every node ready for `name`, and install the agents."""
    service = SERVICES[name]

    def one(node: str) -> None:
        transport = lab.node(node)
        for path, file in service.files.items():
            content = fill(
                file.content, node=node, address=lab.addresses[node], nodes_commas=",".join(lab.nodes)
            )
            transport.put(content.encode(), path, mode=file.mode, owner=file.owner)
        for argv in service.on_each:
            transport.run(argv)

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, lab.nodes))
    containers = [word for node in lab.nodes for word in ("--container", f"{lab.name}-{node}")]
    print(pcs_os("agents", "install", *containers), end="")


if __name__ == "__main__":
    prepare(Lab(sys.argv[1]), sys.argv[2])
