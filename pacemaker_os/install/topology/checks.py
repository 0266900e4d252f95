"""Checks of a topology that compare nodes, roles, services and virtual IP addresses."""

from __future__ import annotations

from collections.abc import Mapping as NameMapping
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

from pacemaker_os.cib import Origin
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar
from pacemaker_os.openstack.cloud import ROLES, Cloud
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.text import did_you_mean


def check_roles(problems: Problems, tree: Mapping, cloud: Cloud, origins: NameMapping[str, Origin]) -> None:
    """Check that each node has known roles, and each service a node that it can run on."""
    for host in cloud.hosts:
        if not host.roles:
            message = f"node '{host.name}' has no roles; assign at least one of {', '.join(ROLES)}"
            problems.add(origins[host.name], message, "no-role")
        for role in host.roles:
            if role not in ROLES:
                message = f"unknown role '{role}' of node '{host.name}'{did_you_mean(role, ROLES)}"
                problems.add(origins[host.name], message, "unknown-role")
    for name, origin in zip(cloud.services, item_origins(tree.get("services")), strict=False):
        for unit in SERVICES[name].units if name in SERVICES else ():
            if not any(cloud.with_role(role) for role in unit.roles):
                roles = " or ".join(unit.roles)
                message = f"cannot deploy '{unit.resource}' of service '{name}': no node has the role {roles}"
                problems.add(origin, message, "role-without-node")


def check_vips(problems: Problems, tree: Mapping, cloud: Cloud) -> None:
    """Check that virtual IP addresses are in the network and do not belong to a node."""
    vips, network_node = tree.get("vips"), tree.get("network")
    network = parse_network(network_node.text or "") if isinstance(network_node, Scalar) else None
    if not isinstance(vips, Mapping) or network is None:
        return
    owners = {host.address: host.name for host in cloud.hosts}
    for name, key, value in vips:
        if name != "default" and name not in SERVICES:
            message = f"unknown service '{name}'{did_you_mean(name, SERVICES)}"
            problems.add(key.origin, message, "unknown-service")
        if isinstance(value, Scalar) and value.text:
            _check_vip(problems, value.text, value.origin, network, owners)


def _check_vip(
    problems: Problems, text: str, origin: Origin, network: IPv4Network, owners: NameMapping[str, str]
) -> None:
    try:
        address = ip_address(text)
    except ValueError:
        problems.add(origin, f"'{text}' is not a valid IP address", "bad-address")
        return
    if not isinstance(address, IPv4Address) or address not in network:
        problems.add(origin, f"virtual IP address {text} is outside the network {network}", "vip-outside")
    if text in owners:
        message = f"virtual IP address {text} already belongs to node '{owners[text]}'"
        problems.add(origin, message, "duplicate-address")


def parse_network(text: str) -> IPv4Network | None:
    """Return an IPv4 network, or None if the text is not one."""
    try:
        network = ip_network(text)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None


def item_origins(node: Node | None) -> tuple[Origin, ...]:
    """Return the position of each item of a list; a single value counts as a list of one."""
    if node is None:
        return ()
    return tuple(item.origin for item in getattr(node, "items", (node,)))
