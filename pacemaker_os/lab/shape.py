"""The shape of a lab: its nodes with names and addresses, and the labels that record them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import LabError
from pacemaker_os.lab.releases import DEFAULT_RELEASE, RELEASES

LABEL_LAB = "pacemaker-os.lab"
LABEL_ROLE = "pacemaker-os.role"
LABEL_NODE = "pacemaker-os.node"
LABEL_ADDRESS = "pacemaker-os.address"
LABEL_RELEASE = "pacemaker-os.release"
LABEL_SHAPE = "pacemaker-os.shape"
LABEL_MADE_OF = "pacemaker-os.made-of"

NODE, REMOTE, BMC, NETWORK = "node", "remote", "bmc", "network"

#: Images of cluster nodes, with their content.
IMAGES = {
    "node": "a cluster, haproxy, memcached",
    "services": "databases, message broker and caches as well",
    "openstack": "all packages of OpenStack",
}

#: Image of remote nodes, by the image of the cluster nodes; others use the image of the role.
REMOTE_IMAGES = {"openstack": "compute"}

#: Token timeout of corosync, in ms: short enough that a failed node is fenced within 8 s.
TOKEN = 1000

#: Interval of path MTU discovery in corosync, in seconds. A link carries no traffic before the first
#: discovery. A node that restarts immediately after a failure may wait for the next one: 30 s by default.
PMTUD_INTERVAL = 2

#: Directory that all nodes of a lab share, in place of an NFS export, which a container cannot mount.
SHARE = "/share"

#: Host part of the address of the first controller, of the first remote node, and of the power switches.
_FIRST = {NODE: 11, REMOTE: 51}
_BMC = 5
_MAX_NODES = 40

#: The name of a lab is also the name of its cluster, which corosync limits to 15 characters.
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
    """The desired shape of a lab."""

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
    """Options of `lab up`; None means the value of the existing lab, or else the default."""

    name: str
    release: str | None = None
    controllers: int | None = None
    remotes: int | None = None
    image: str | None = None


def decide(spec: LabSpec, labels: Mapping[str, str] | None, subnet: IPv4Network) -> Lab:
    """Return the desired lab, given the labels of one of its containers if it exists already.

    Raises LabError if an option is invalid, or if the existing lab differs from the options.
    """
    _check(spec)
    existing = _read_labels(labels) if labels else {}
    defaults = {"release": DEFAULT_RELEASE, "controllers": 3, "remotes": 0, "image": "node"}
    given = {key: getattr(spec, key) for key in defaults if getattr(spec, key) is not None}
    for key, value in given.items():
        if existing.get(key, value) != value:
            raise LabError(
                f"lab '{spec.name}' already exists with {key}={existing[key]}; "
                f"run `pcs-os lab down --name {spec.name}` first, or use another --name",
                code="lab-differs",
            )
    return Lab(name=spec.name, subnet=subnet, **{**defaults, **existing, **given})


def _read_labels(labels: Mapping[str, str]) -> dict[str, Any]:
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
            f"'{spec.name}' is not a valid lab name; use at most 15 lower-case letters, digits and hyphens"
        )
    if spec.release is not None and spec.release not in RELEASES:
        raise LabError(f"unknown Debian release '{spec.release}'; available: {', '.join(RELEASES)}")
    if spec.image is not None and spec.image not in IMAGES:
        raise LabError(f"unknown node image '{spec.image}'; available: {', '.join(IMAGES)}")
    limits = ((spec.controllers, 1), (spec.remotes, 0))
    if any(count is not None and not least <= count <= _MAX_NODES for count, least in limits):
        raise LabError(f"a lab needs 1 to {_MAX_NODES} cluster nodes and 0 to {_MAX_NODES} remote nodes")
