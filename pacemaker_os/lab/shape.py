"""What a lab is, as values: its nodes, their names and addresses, and the labels that say so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from pacemaker_os.errors import LabError

LABEL_LAB = "pacemaker-os.lab"
LABEL_ROLE = "pacemaker-os.role"
LABEL_NODE = "pacemaker-os.node"
LABEL_ADDRESS = "pacemaker-os.address"
LABEL_RELEASE = "pacemaker-os.release"

NODE, REMOTE, BMC, NETWORK = "node", "remote", "bmc", "network"

#: Debian's releases that nodes can be made of, with the Pacemaker that each brings.
RELEASES = {"trixie": "3.0", "bookworm": "2.1"}

#: Corosync's token timeout in a lab, in milliseconds: short enough that a killed node is fenced within 8 s.
TOKEN = 1000

#: Seconds between corosync's looks at the path's MTU. A link has no traffic before the first look, and a
#: node that was killed during one and is back at once waits for the next: 30 s by corosync's default.
PMTUD_INTERVAL = 2

#: Where in the lab's network the first controller, the first remote node, and the power switches are.
_FIRST = {NODE: 11, REMOTE: 51}
_BMC = 5
_MOST = 40

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabNode:
    """A node of a lab: `role` is node (runs corosync) or remote (runs pacemaker_remote)."""

    lab: str
    name: str
    role: str
    address: str

    @property
    def container(self) -> str:
        return f"{self.lab}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A lab as it shall be, in the network `subnet`."""

    name: str
    release: str
    subnet: IPv4Network
    controllers: int
    remotes: int

    @property
    def nodes(self) -> tuple[LabNode, ...]:
        """All nodes: controller01, controller02, ..., compute01, ..."""
        return (
            *self._row(NODE, "controller", self.controllers),
            *self._row(REMOTE, "compute", self.remotes),
        )

    @property
    def cluster_nodes(self) -> tuple[LabNode, ...]:
        return tuple(node for node in self.nodes if node.role == NODE)

    @property
    def remote_nodes(self) -> tuple[LabNode, ...]:
        return tuple(node for node in self.nodes if node.role == REMOTE)

    @property
    def bmc(self) -> LabNode:
        """The container that holds the power switches."""
        return LabNode(lab=self.name, name=BMC, role=BMC, address=self._address(_BMC))

    def labels(self, node: LabNode) -> dict[str, str]:
        """Return the labels that the container of `node` carries."""
        return {
            LABEL_LAB: self.name,
            LABEL_ROLE: node.role,
            LABEL_NODE: node.name,
            LABEL_ADDRESS: node.address,
            LABEL_RELEASE: self.release,
        }

    def _row(self, role: str, stem: str, count: int) -> tuple[LabNode, ...]:
        return tuple(
            LabNode(
                lab=self.name,
                name=f"{stem}{number:02d}",
                role=role,
                address=self._address(_FIRST[role] + number - 1),
            )
            for number in range(1, count + 1)
        )

    def _address(self, number: int) -> str:
        return str(IPv4Address(int(self.subnet.network_address) + number))


def check_wish(name: str, release: str, controllers: int, remotes: int) -> None:
    """Refuse what cannot be a lab. Raises LabError."""
    if not _NAME.fullmatch(name):
        raise LabError(f"'{name}' is no name for a lab: lower-case letters, digits and dashes, at most 32")
    if release not in RELEASES:
        raise LabError(f"there is no node image of '{release}'; there is {' and '.join(RELEASES)}")
    if not 1 <= controllers <= _MOST or not 0 <= remotes <= _MOST:
        raise LabError(f"a lab has 1 to {_MOST} nodes, and 0 to {_MOST} remote nodes")
