"""What a lab is, as values: its nodes, their names and addresses, and the labels that say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from pacemaker_os.errors import LabError

LABEL_LAB = "pacemaker-os.lab"
LABEL_ROLE = "pacemaker-os.role"
LABEL_NODE = "pacemaker-os.node"
LABEL_ADDRESS = "pacemaker-os.address"
LABEL_RELEASE = "pacemaker-os.release"
LABEL_SHAPE = "pacemaker-os.shape"
LABEL_MADE_OF = "pacemaker-os.made-of"

NODE, REMOTE, BMC, NETWORK = "node", "remote", "bmc", "network"

#: Debian's releases that nodes can be made of, with the Pacemaker that each brings.
RELEASES = {"trixie": "3.0", "bookworm": "2.1"}

#: The images that cluster nodes can be made of, with what each holds.
IMAGES = {
    "node": "a cluster, haproxy, memcached",
    "services": "databases, message bus and caches as well",
    "openstack": "all packages of OpenStack",
}

#: The image of a lab's remote nodes, by that of its cluster nodes.
REMOTE_IMAGES = {"openstack": "compute"}

#: Corosync's token timeout in a lab, in milliseconds: short enough that a killed node is fenced within 8 s.
TOKEN = 1000

#: Seconds between corosync's looks at the path's MTU. A link has no traffic before the first look, and a
#: node that was killed during one and is back at once waits for the next: 30 s by corosync's default.
PMTUD_INTERVAL = 2

#: A folder that all nodes of a lab have in common, as an NFS export that a container could not mount.
SHARE = "/share"

#: Where in the lab's network the first controller, the first remote node, and the power switches are.
_FIRST = {NODE: 11, REMOTE: 51}
_BMC = 5
_MOST = 40

#: A lab's name is also its cluster's, which corosync holds to 15 characters.
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")


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
    image: str = "node"

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
            LABEL_SHAPE: f"{self.controllers}+{self.remotes}",
            LABEL_MADE_OF: self.image,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSpec:
    """What is asked of `lab up`; None is whatever the lab has that is there, else the usual."""

    name: str
    release: str | None = None
    controllers: int | None = None
    remotes: int | None = None
    image: str | None = None


def decide(spec: LabSpec, labels: Mapping[str, str] | None, subnet: IPv4Network) -> Lab:
    """Return the lab that is meant, given the labels that a container of it carries, if there is one.

    Raises LabError when there is no such lab, or the one that is there is another than what is asked for.
    """
    _check(spec)
    there = _there(labels) if labels else {}
    usual = {"release": "trixie", "controllers": 3, "remotes": 0, "image": "node"}
    asked = {key: getattr(spec, key) for key in usual if getattr(spec, key) is not None}
    for key, value in asked.items():
        if there.get(key, value) != value:
            raise LabError(
                f"the lab '{spec.name}' is there with {key} {there[key]}, not {value}; "
                f"`pcs-os lab down --name {spec.name}` first, or choose another --name",
                code="other-shape",
            )
    return Lab(name=spec.name, subnet=subnet, **{**usual, **there, **asked})


def _there(labels: Mapping[str, str]) -> dict[str, Any]:
    controllers, _, remotes = labels[LABEL_SHAPE].partition("+")
    return {
        "release": labels[LABEL_RELEASE],
        "controllers": int(controllers),
        "remotes": int(remotes),
        "image": labels.get(LABEL_MADE_OF, "node"),
    }


def _check(spec: LabSpec) -> None:
    if not _NAME.fullmatch(spec.name):
        raise LabError(
            f"'{spec.name}' is no name for a lab: at most 15 lower-case letters, digits and dashes"
        )
    if spec.release is not None and spec.release not in RELEASES:
        raise LabError(f"there is no node image of '{spec.release}'; there is {' and '.join(RELEASES)}")
    if spec.image is not None and spec.image not in IMAGES:
        raise LabError(f"there is no image '{spec.image}'; there is {' and '.join(IMAGES)}")
    limits = ((spec.controllers, 1), (spec.remotes, 0))
    if any(count is not None and not least <= count <= _MOST for count, least in limits):
        raise LabError(f"a lab has 1 to {_MOST} nodes, and 0 to {_MOST} remote nodes")
