"""The nodes of a lab, and waiting until its cluster has settled."""

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

#: Time after which a cluster that has not settled counts as stalled, in seconds.
TIMEOUT = 300.0


def pcs_os(*words: str) -> str:
    """Run pcs-os."""
    line = [sys.executable, "-m", "pacemaker_os", *words]
    return subprocess.run(line, check=True, capture_output=True, text=True, timeout=900).stdout


class Lab:
    """A running lab."""

    def __init__(self, name: str) -> None:
        self.name = name
        states = json.loads(pcs_os("lab", "status", "--name", name, "--json"))
        self.release = str(states[0]["release"]) if states else ""
        self.addresses = {s["node"]: s["address"] for s in states if s["role"] == "node"}

    @property
    def nodes(self) -> list[str]:
        """Return the cluster nodes, in order."""
        return sorted(self.addresses)

    def node(self, name: str) -> ContainerTransport:
        """Return the transport to a node."""
        return ContainerTransport(f"{self.name}-{name}")

    def fault(self, kind: str, *words: str) -> None:
        """Inject a fault, or heal all faults."""
        pcs_os("lab", "fault", kind, "--name", self.name, *words)

    def roles(self) -> Counter[str]:
        """Return the number of instances of the measured resource by role."""
        return Counter(role for _, role in self.instances())

    def promoted_node(self) -> str:
        """Return a node where the measured resource is promoted, or the first node."""
        found = [node for node, role in self.instances() if role in ("Promoted", "Master")]
        return min(found, default=self.nodes[0])

    def instances(self) -> list[tuple[str, str]]:
        """Return node and role of each instance, from the first node that responds."""
        for name in self.nodes:
            try:
                done = self.node(name).run(["crm_mon", "-1", "--output-as=xml"], timeout=20)
            except TransportError:
                continue
            found = ElementTree.fromstring(done.stdout)  # output of the lab
            return [
                (str(resource.findall("./node")[0].get("name")), str(resource.get("role")))
                for resource in found.iter("resource")
                if resource.get("id", "").split(":")[0] == "service"
                and resource.get("failed") == "false"
                and resource.get("active") == "true"
            ]
        return []

    def wait(self, what: str, condition: Callable[[], bool], timeout: float = TIMEOUT) -> float:
        """Return the time until `condition` is true. Raises TimeoutError after `timeout` seconds."""
        begin = time.monotonic()
        while not condition():
            if time.monotonic() - begin > timeout:
                raise TimeoutError(f"after {timeout:.0f} s: {what}: still not true ({dict(self.roles())})")
            time.sleep(1.0)
        return time.monotonic() - begin

    def up(self, promoted: int | None) -> bool:
        """Return whether every instance runs, and the expected number of them is promoted."""
        roles, count = self.roles(), len(self.nodes)
        expected = count if promoted is None else promoted
        running = roles["Started"] + roles["Unpromoted"] + roles["Slave"]
        return roles["Promoted"] + roles["Master"] == expected and running == count - expected
