"""What pcs and systemd are asked to do on a node while a cluster is made."""

from __future__ import annotations

from collections.abc import Sequence

from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

#: Seconds for one pcs command over all nodes; a loaded machine needs a multiple of the usual five.
TIMEOUT = 180.0

#: Held where a cluster is being made. Who asked for that may be killed; what was begun ends by itself.
SETUP_LOCK = "/run/lock/pcs-os-setup"

_SERVICES = ("corosync", "pacemaker")


def set_password(transport: Transport, password: Secret) -> None:
    """Give the account hacluster a password, and start the daemon that asks for it."""
    transport.run(["chpasswd"], input=Secret(f"hacluster:{password.reveal()}\n"))
    transport.run(["systemctl", "enable", "--now", "pcsd.service"])


def authenticate(transport: Transport, nodes: Sequence[TopologyNode], password: Secret) -> None:
    """Sign on to the nodes' pcsd; pcs reads the password from its standard input."""
    hosts = [word for node in nodes for word in (node.name, f"addr={node.addresses[0]}")]
    line = ["pcs", "host", "auth", "-u", "hacluster", *hosts]
    transport.run(line, input=Secret(f"{password.reveal()}\n"), timeout=TIMEOUT)


def set_up(transport: Transport, topology: Topology, *, again: bool) -> None:
    """Distribute corosync.conf and the keys; `again` also where a setup was cut off."""
    hosts = [word for node in topology.nodes for word in (node.name, *host_addresses(node))]
    knet = [] if topology.pmtud_interval is None else [f"knet_pmtud_interval={topology.pmtud_interval}"]
    totem = [] if topology.token is None else ["totem", f"token={topology.token}"]
    force = ["--force"] if again else []
    line = ["pcs", "cluster", "setup", topology.name, *hosts, "transport", "knet", *knet, *totem, *force]
    transport.run(["flock", "--close", SETUP_LOCK, *line], timeout=TIMEOUT)


def set_token(transport: Transport, token: int) -> None:
    """Change the token timeout of a cluster (milliseconds); corosync takes it up while it runs."""
    transport.run(["pcs", "cluster", "config", "update", "totem", f"token={token}"], timeout=TIMEOUT)


def start_and_enable(transport: Transport) -> None:
    """Start the cluster's services on a node, now and at every boot.

    Not `pcs cluster start --all`, which goes through every node's pcsd and costs seconds more.
    """
    transport.run(["systemctl", "start", *_SERVICES], timeout=TIMEOUT)
    transport.run(["systemctl", "enable", "--quiet", *_SERVICES], timeout=TIMEOUT)


def host_addresses(node: TopologyNode) -> list[str]:
    """Return the words by which pcs is told a node's addresses."""
    return [f"addr={address}" for address in node.addresses]


def add_node(transport: Transport, node: TopologyNode) -> None:
    """Take a node into the cluster that `transport` is part of, and start it."""
    line = ["pcs", "cluster", "node", "add", node.name, *host_addresses(node), "--start", "--enable"]
    transport.run(line, timeout=TIMEOUT)


def remove_node(transport: Transport, name: str, *, reachable: bool) -> None:
    """Take a node out of the cluster; pcs needs to be told that it may be out of reach."""
    force = [] if reachable else ["--skip-offline"]
    transport.run(["pcs", "cluster", "node", "remove", name, *force], timeout=TIMEOUT)


def destroy(transport: Transport) -> None:
    """Stop the cluster's services on a node and remove its configuration."""
    transport.run(["pcs", "cluster", "destroy", "--force"], timeout=TIMEOUT)
