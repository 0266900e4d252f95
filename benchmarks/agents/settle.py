"""A lab's nodes, and waiting until its cluster has come to rest."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from xml.etree import ElementTree

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.container import ContainerTransport

#: Seconds after which a cluster that has not come to rest counts as stuck.
PATIENCE = 300.0


def pcs_os(*words: str) -> str:
    """Run the product as a user does."""
    line = [sys.executable, "-m", "pacemaker_os", *words]
    return subprocess.run(line, check=True, capture_output=True, text=True, timeout=900).stdout


class Lab:
    """A lab that runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        states = json.loads(pcs_os("lab", "status", "--name", name, "--json"))
        self.release = str(states[0]["release"]) if states else ""
        self.addresses = {s["node"]: s["address"] for s in states if s["role"] == "node"}

    @property
    def nodes(self) -> list[str]:
        """The cluster nodes, in order."""
        return sorted(self.addresses)

    def node(self, name: str) -> ContainerTransport:
        """The way to a node."""
        return ContainerTransport(f"{self.name}-{name}")

    def fault(self, kind: str, *words: str) -> None:
        """Break something, or heal."""
        pcs_os("lab", "fault", kind, "--name", self.name, *words)

    def roles(self) -> Counter[str]:
        """How many instances of the measured resource are in which role."""
        return Counter(role for _, role in self.instances())

    def promoted_node(self) -> str:
        """A node where the measured resource is Promoted, or the first one."""
        found = [node for node, role in self.instances() if role in ("Promoted", "Master")]
        return min(found, default=self.nodes[0])

    def instances(self) -> list[tuple[str, str]]:
        """Node and role of each instance of the measured resource, by the first node that answers."""
        for name in self.nodes:
            try:
                said = self.node(name).run(["crm_mon", "-1", "--output-as=xml"], timeout=20)
            except TransportError:
                continue
            found = ElementTree.fromstring(said.stdout)  # our own lab
            return [
                (str(resource.findall("./node")[0].get("name")), str(resource.get("role")))
                for resource in found.iter("resource")
                if resource.get("id", "").split(":")[0] == "service"
                and resource.get("failed") == "false"
                and resource.get("active") == "true"
            ]
        return []

    def wait(self, what: str, condition: Callable[[], bool], patience: float = PATIENCE) -> float:
        """Seconds until `condition` holds. Raises TimeoutError after `patience`."""
        begin = time.monotonic()
        while not condition():
            if time.monotonic() - begin > patience:
                raise TimeoutError(f"after {patience:.0f} s: {what} has not come true ({dict(self.roles())})")
            time.sleep(1.0)
        return time.monotonic() - begin

    def up(self, promoted: int | None) -> bool:
        """Whether every instance runs, and as many are Promoted as should be."""
        roles, count = self.roles(), len(self.nodes)
        wanted = count if promoted is None else promoted
        running = roles["Started"] + roles["Unpromoted"] + roles["Slave"]
        return roles["Promoted"] + roles["Master"] == wanted and running == count - wanted
