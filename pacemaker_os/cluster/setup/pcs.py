"""Commands of pcs and systemd for the setup of a cluster."""

from __future__ import annotations

from collections.abc import Sequence

from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport

#: Timeout of a pcs command for all nodes, in seconds. It usually takes 5 s, and longer on a busy machine.
TIMEOUT = 180.0

#: Lock file during a setup, which continues on the node when pcs-os is killed.
SETUP_LOCK = "/run/lock/pcs-os-setup"

_SERVICES = ("corosync", "pacemaker")


def set_password(transport: Transport, password: Secret) -> None:
    """Set the password of the account hacluster, and start pcsd, which checks it."""
    transport.run(["chpasswd"], input=Secret(f"hacluster:{password.reveal()}\n"))
    transport.run(["systemctl", "enable", "--now", "pcsd.service"])


def authenticate(transport: Transport, nodes: Sequence[TopologyNode], password: Secret) -> None:
    """Authenticate to pcsd on the nodes; pcs reads the password from its standard input."""
    hosts = [arg for node in nodes for arg in (node.name, f"addr={node.addresses[0]}")]
    line = ["pcs", "host", "auth", "-u", "hacluster", *hosts]
    transport.run(line, input=Secret(f"{password.reveal()}\n"), timeout=TIMEOUT)


def set_up(transport: Transport, topology: Topology, *, again: bool) -> None:
    """Distribute corosync.conf and the keys; with `again`, also to nodes of an interrupted setup."""
    hosts = [arg for node in topology.nodes for arg in (node.name, *host_addresses(node))]
    knet = [] if topology.pmtud_interval is None else [f"knet_pmtud_interval={topology.pmtud_interval}"]
    totem = [] if topology.token is None else ["totem", f"token={topology.token}"]
    force = ["--force"] if again else []
    line = ["pcs", "cluster", "setup", topology.name, *hosts, "transport", "knet", *knet, *totem, *force]
    transport.run(["flock", "--close", SETUP_LOCK, *line], timeout=TIMEOUT)


def set_token(transport: Transport, token: int) -> None:
    """Change the token timeout of a cluster, in milliseconds; corosync applies it without a restart."""
    transport.run(["pcs", "cluster", "config", "update", "totem", f"token={token}"], timeout=TIMEOUT)


def start_and_enable(transport: Transport) -> None:
    """Start the cluster services on a node, and enable them at boot.

    `pcs cluster start --all` is not used because it takes seconds longer through the pcsd of every node.
    """
    transport.run(["systemctl", "start", *_SERVICES], timeout=TIMEOUT)
    transport.run(["systemctl", "enable", "--quiet", *_SERVICES], timeout=TIMEOUT)


def host_addresses(node: TopologyNode) -> list[str]:
    """Return the addresses of a node as arguments of pcs."""
    return [f"addr={address}" for address in node.addresses]


def add_node(transport: Transport, node: TopologyNode) -> None:
    """Add a node to the cluster of `transport`, and start it."""
    line = ["pcs", "cluster", "node", "add", node.name, *host_addresses(node), "--start", "--enable"]
    transport.run(line, timeout=TIMEOUT)


def remove_node(transport: Transport, name: str, *, reachable: bool) -> None:
    """Remove a node from the cluster; pcs requires an option for an unreachable node."""
    force = [] if reachable else ["--skip-offline"]
    transport.run(["pcs", "cluster", "node", "remove", name, *force], timeout=TIMEOUT)


def destroy(transport: Transport) -> None:
    """Stop the cluster services on a node, and remove its configuration."""
    transport.run(["pcs", "cluster", "destroy", "--force"], timeout=TIMEOUT)
