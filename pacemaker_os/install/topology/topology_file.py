"""The topology file of a cloud: the keys of a cluster topology, and those of the cloud.

    name: cloud1
    release: RELEASE                 # one of openstack/releases.py
    family: FAMILY                   # one of openstack/families.py
    network: 192.0.2.0/24            # network of the virtual IP addresses
    nodes:
      controller01: {address: 192.0.2.11, ssh: root@controller01, roles: [controller, network]}
      compute01: {address: 192.0.2.51, ssh: root@compute01, roles: [compute], interface: ens3}
    vips: {default: 192.0.2.10}      # and SERVICE: ADDRESS for services with their own
    services: [keystone, glance, placement, nova, neutron]
    settings: {workers: 4}

`fencing:` of a node contains the agent and the parameters of its power fencing device. A value such as
`secret:ipmi` refers to the secrets file.

All problems are reported with their position before anything is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network

from pacemaker_os.cib import Origin
from pacemaker_os.cluster.setup.topology import Topology
from pacemaker_os.cluster.setup.topology_file import TopologyReader, read_text
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.parser import read_yaml
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, describe_node
from pacemaker_os.install.topology.checks import check_roles, check_vips, item_origins, parse_network
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.families import DEFAULT_FAMILY, FAMILIES
from pacemaker_os.openstack.releases import DEFAULT_RELEASE, RELEASES
from pacemaker_os.openstack.settings import RENAMED, SETTINGS
from pacemaker_os.text import did_you_mean

_DEFAULT_INTERFACE = "eth0"


def load_deployment(path: str) -> Deployment:
    """Read the topology file `path`. Raises InputError with all problems."""
    return read_deployment(read_text(path), file=path)


def read_deployment(text: str, *, file: str) -> Deployment:
    """Read a topology. Raises DocumentError with all problems."""
    problems = Problems()
    tree = read_yaml(text, file, problems)
    problems.raise_any()
    assert tree is not None, "read_yaml adds a problem if it returns no tree"
    deployment = _Reader(problems).deployment(tree, file)
    problems.raise_any()
    return deployment


#: The name of a region becomes a value in configuration files, URLs and shell variables.
REGION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

NO_IPV6 = "IPv6 is not supported for deployments yet; specify an IPv4 address"


class _Reader(TopologyReader):
    """Reads the keys of a cloud topology; an invalid value is reported and read as an empty one."""

    keys = (
        *TopologyReader.keys,
        *("release", "family", "region", "network", "vips", "services", "settings"),
    )
    node_keys = (*TopologyReader.node_keys, "interface", "fencing")

    def deployment(self, tree: Mapping, file: str) -> Deployment:
        topology = self.topology(tree)
        origins = self._origins(tree)
        cloud = Cloud(
            name=topology.name,
            hosts=self._hosts(tree, topology),
            vips=self._vips(tree),
            services=self._services(tree),
            family=self._choice(tree, "family", DEFAULT_FAMILY, FAMILIES),
            release=self._choice(tree, "release", DEFAULT_RELEASE, RELEASES),
            region=self._region(tree),
            prefix=self._network(tree).prefixlen,
            settings=self._settings(tree),
        )
        check_roles(self._problems, tree, cloud, origins)
        check_vips(self._problems, tree, cloud)
        members = tuple(node for node in topology.nodes if "controller" in node.roles)
        return Deployment(
            file=file,
            members=Topology(
                name=topology.name,
                nodes=members,
                token=topology.token,
                pmtud_interval=topology.pmtud_interval,
            ),
            nodes=topology.nodes,
            cloud=cloud,
            origins=origins,
        )

    def _origins(self, tree: Mapping) -> dict[str, Origin]:
        nodes = tree.get("nodes")
        return {name: key.origin for name, key, _ in nodes} if isinstance(nodes, Mapping) else {}

    def _hosts(self, tree: Mapping, topology: Topology) -> tuple[Host, ...]:
        nodes = tree.get("nodes")
        assert isinstance(nodes, Mapping) or not topology.nodes, "nodes come from a mapping"
        hosts = []
        for node in topology.nodes:
            value = nodes.get(node.name) if isinstance(nodes, Mapping) else None
            attributes = value if isinstance(value, Mapping) else Mapping((), tree.origin)
            address = node.addresses[0] if node.addresses else ""
            if ":" in address:
                message = f"address {address} of node '{node.name}': {NO_IPV6}"
                self._add(tree, attributes.get("address"), message, "no-ipv6")
            hosts.append(
                Host(
                    name=node.name,
                    address=address,
                    roles=node.roles,
                    interface=self._optional(attributes, "interface") or _DEFAULT_INTERFACE,
                    fencing=self._mapping(attributes, "fencing"),
                )
            )
        return tuple(hosts)

    def _network(self, tree: Mapping) -> IPv4Network:
        node = tree.get("network")
        text = self._text(node) if node is not None else ""
        network = parse_network(text)
        if network is not None:
            return network
        if ":" in text:
            self._add(tree, node, f"network {text}: {NO_IPV6}", "no-ipv6")
            return IPv4Network("0.0.0.0/0")
        reason = f"'{text}' is not a valid IPv4 network" if text else "missing key 'network'"
        message = f"{reason}; specify the network of the virtual IP addresses, such as 192.0.2.0/24"
        self._add(tree, node, message, "network")
        return IPv4Network("0.0.0.0/0")

    def _region(self, tree: Mapping) -> str:
        region = self._choice(tree, "region", "RegionOne")
        if not REGION.fullmatch(region):
            message = f"'{region}' is not a valid region name; use letters, digits, '-', '_' and '.'"
            self._add(tree, tree.get("region"), message, "bad-region")
        return region

    def _vips(self, tree: Mapping) -> dict[str, str]:
        vips = self._mapping(tree, "vips")
        if "default" not in vips:
            message = "missing key 'default' in 'vips'; specify the default virtual IP address of the cloud"
            self._add(tree, tree.get("vips"), message, "no-vip")
        return {"default": "", **vips}

    def _services(self, tree: Mapping) -> tuple[str, ...]:
        node = tree.get("services")
        if node is None:
            message = "missing key 'services'; list services, such as [keystone, glance, placement, nova]"
            self._problems.add(tree.origin, message, "no-services")
            return ()
        names = self._texts(node)
        for name, origin in zip(names, item_origins(node), strict=False):
            if name and name not in SERVICES:
                message = f"unknown service '{name}'{did_you_mean(name, SERVICES)}"
                self._problems.add(origin, message, "unknown-service")
        return names

    def _settings(self, tree: Mapping) -> dict[str, str]:
        node = tree.get("settings")
        for name, key, value in node if isinstance(node, Mapping) else ():
            setting = SETTINGS.get(name)
            text = value.text or "" if isinstance(value, Scalar) else None
            if setting is None:
                new_name = RENAMED.get(name)
                remedy = f"; it is now '{new_name}'" if new_name else did_you_mean(name, SETTINGS)
                message = f"unknown setting '{name}'{remedy}"
                self._problems.add(key.origin, message, "unknown-setting")
            elif text is not None and not setting.accepts(text):
                message = f"invalid value '{text}' of setting '{name}'; expected {setting.expected}"
                self._problems.add(value.origin, message, "bad-setting")
        return self._mapping(tree, "settings")

    def _mapping(self, tree: Mapping, key: str) -> dict[str, str]:
        node = tree.get(key)
        if node is None:
            return {}
        if not isinstance(node, Mapping):
            message = f"'{key}' must be a mapping of names to values, not {describe_node(node)}"
            self._problems.add(node.origin, message, "wrong-type")
            return {}
        return {name: self._text(value) for name, _, value in node}

    def _choice(self, tree: Mapping, key: str, default: str, choices: Iterable[str] = ()) -> str:
        value = self._optional(tree, key) or default
        names = tuple(choices)
        if names and value not in names:
            message = f"unknown {key} '{value}'; known: {', '.join(names)}"
            self._add(tree, tree.get(key), message, f"unknown-{key}")
        return value

    def _add(self, tree: Mapping, node: Node | None, message: str, code: str) -> None:
        self._problems.add(tree.origin if node is None else node.origin, message, code)
