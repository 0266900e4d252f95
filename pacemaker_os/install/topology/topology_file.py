"""The topology of a cloud as a YAML text: that of a cluster, and more.

    name: cloud1
    release: RELEASE                 # one of openstack/releases.py
    family: FAMILY                   # one of openstack/families.py
    network: 192.0.2.0/24            # where the virtual addresses are
    nodes:
      controller01: {address: 192.0.2.11, ssh: root@controller01, roles: [controller, network]}
      compute01: {address: 192.0.2.51, ssh: root@compute01, roles: [compute], interface: ens3}
    vips: {default: 192.0.2.10}      # and SERVICE: ADDRESS for those that have their own
    services: [keystone, glance, placement, nova, neutron]
    settings: {workers: 4}

A node's `fencing:` is the agent and the parameters of the device that powers it off; a value like
`secret:ipmi` is taken from the file of secrets.

Every problem is told with its line, before anything is touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

from pacemaker_os.cib import Origin
from pacemaker_os.cluster.setup.topology import Topology
from pacemaker_os.cluster.setup.topology_file import TopologyReader, read_text
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.parser import read_yaml
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, describe_node
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.openstack.cloud import ROLES, Cloud, Host
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.families import DEFAULT_FAMILY, FAMILIES
from pacemaker_os.openstack.releases import DEFAULT_RELEASE, RELEASES
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.text import did_you_mean

_INTERFACE = "eth0"


def load_deployment(path: str) -> Deployment:
    """Read the topology in the file `path`. Raises InputError with every problem found."""
    return read_deployment(read_text(path), file=path)


def read_deployment(text: str, *, file: str) -> Deployment:
    """Read a topology. Raises DocumentError with every problem found."""
    problems = Problems()
    tree = read_yaml(text, file, problems)
    problems.raise_any()
    assert tree is not None, "without a tree there is a problem"
    deployment = _Reader(problems).deployment(tree, file)
    problems.raise_any()
    return deployment


class _Reader(TopologyReader):
    keys = (
        *TopologyReader.keys,
        *("release", "family", "region", "network", "vips", "services", "settings"),
    )
    node_keys = (*TopologyReader.node_keys, "interface", "fencing")

    def deployment(self, tree: Mapping, file: str) -> Deployment:
        whole = self.topology(tree)
        origins = self._origins(tree)
        cloud = Cloud(
            name=whole.name,
            hosts=self._hosts(tree, whole),
            vips=self._vips(tree),
            services=self._services(tree),
            family=self._word(tree, "family", DEFAULT_FAMILY, FAMILIES),
            release=self._word(tree, "release", DEFAULT_RELEASE, RELEASES),
            region=self._word(tree, "region", "RegionOne"),
            prefix=self._network(tree).prefixlen,
            settings=self._settings(tree),
        )
        self._check_roles(tree, whole, cloud, origins)
        self._check_vips(tree, cloud)
        members = tuple(node for node in whole.nodes if "controller" in node.roles)
        return Deployment(
            file=file,
            members=Topology(
                name=whole.name, nodes=members, token=whole.token, pmtud_interval=whole.pmtud_interval
            ),
            nodes=whole.nodes,
            cloud=cloud,
            origins=origins,
        )

    def _origins(self, tree: Mapping) -> dict[str, Origin]:
        nodes = tree.get("nodes")
        return {name: key.origin for name, key, _ in nodes} if isinstance(nodes, Mapping) else {}

    def _hosts(self, tree: Mapping, whole: Topology) -> tuple[Host, ...]:
        nodes = tree.get("nodes")
        assert isinstance(nodes, Mapping) or not whole.nodes, "nodes were read from a mapping"
        hosts = []
        for node in whole.nodes:
            said = nodes.get(node.name) if isinstance(nodes, Mapping) else None
            known = said if isinstance(said, Mapping) else Mapping((), tree.origin)
            hosts.append(
                Host(
                    name=node.name,
                    address=node.addresses[0] if node.addresses else "",
                    roles=node.roles,
                    interface=self._optional(known, "interface") or _INTERFACE,
                    fencing=self._mapping(known, "fencing"),
                )
            )
        return tuple(hosts)

    def _network(self, tree: Mapping) -> IPv4Network:
        node = tree.get("network")
        text = self._text(node) if node is not None else ""
        try:
            network = ip_network(text)
        except ValueError:
            network = None
        if isinstance(network, IPv4Network):
            return network
        said = f"'{text}' is no network" if text else "a topology has a `network:`"
        self._add(tree, node, f"{said}; write the one of the virtual addresses like 192.0.2.0/24", "network")
        return IPv4Network("0.0.0.0/0")

    def _vips(self, tree: Mapping) -> dict[str, str]:
        vips = self._mapping(tree, "vips")
        if "default" not in vips:
            said = "a topology has `vips:` with at least `default`, the virtual address of the cloud"
            self._add(tree, tree.get("vips"), said, "no-vip")
        return {"default": "", **vips}

    def _services(self, tree: Mapping) -> tuple[str, ...]:
        node = tree.get("services")
        if node is None:
            said = "a topology has `services:`, a list like [keystone, glance, placement, nova, neutron]"
            self._problems.add(tree.origin, said, "no-services")
            return ()
        names = self._texts(node)
        for name, origin in zip(names, _item_origins(node), strict=False):
            if name and name not in SERVICES:
                said = f"there is no service '{name}' in the catalogue{did_you_mean(name, SERVICES)}"
                self._problems.add(origin, said, "unknown-service")
        return names

    def _settings(self, tree: Mapping) -> dict[str, str]:
        node = tree.get("settings")
        for name, key, value in node if isinstance(node, Mapping) else ():
            known = SETTINGS.get(name)
            text = value.text or "" if isinstance(value, Scalar) else None
            if known is None:
                said = f"there is no setting '{name}'{did_you_mean(name, SETTINGS)}"
                self._problems.add(key.origin, said, "unknown-setting")
            elif text is not None and not known.accepts(text):
                said = f"{name} is {known.expected}, not '{text}'"
                self._problems.add(value.origin, said, "bad-setting")
        return self._mapping(tree, "settings")

    def _check_roles(self, tree: Mapping, whole: Topology, cloud: Cloud, origins: dict[str, Origin]) -> None:
        """Every node has roles that there are, and every service a node that it can run on."""
        for node in whole.nodes:
            if not node.roles:
                said = f"node '{node.name}' has no roles; give it some of: {', '.join(ROLES)}"
                self._problems.add(origins[node.name], said, "no-role")
            for role in node.roles:
                if role not in ROLES:
                    said = f"node '{node.name}': there is no role '{role}'{did_you_mean(role, ROLES)}"
                    self._problems.add(origins[node.name], said, "unknown-role")
        services = tree.get("services")
        for name, origin in zip(cloud.services, _item_origins(services), strict=False):
            for unit in SERVICES[name].units if name in SERVICES else ():
                if not any(cloud.with_role(role) for role in unit.roles):
                    roles = " or ".join(unit.roles)
                    said = f"'{unit.resource}' of {name} runs on nodes with role {roles}, and none has it"
                    self._problems.add(origin, said, "role-without-node")

    def _check_vips(self, tree: Mapping, cloud: Cloud) -> None:
        """Virtual addresses are of the network, and nobody else's."""
        node = tree.get("vips")
        network = self._network_quietly(tree)
        if not isinstance(node, Mapping) or network is None:
            return
        owners = {host.address: host.name for host in cloud.hosts}
        for name, key, value in node:
            if name != "default" and name not in SERVICES:
                said = (
                    f"there is no service '{name}' that could have an address{did_you_mean(name, SERVICES)}"
                )
                self._problems.add(key.origin, said, "unknown-service")
            text = value.text if isinstance(value, Scalar) else None
            if not text:
                continue
            try:
                address = ip_address(text)
            except ValueError:
                self._problems.add(value.origin, f"'{text}' is no address", "bad-address")
                continue
            if not isinstance(address, IPv4Address) or address not in network:
                said = f"the virtual address {text} is outside of the network {network}"
                self._problems.add(value.origin, said, "vip-outside")
            if text in owners:
                said = f"the virtual address {text} is that of node '{owners[text]}'"
                self._problems.add(value.origin, said, "duplicate-address")

    def _network_quietly(self, tree: Mapping) -> IPv4Network | None:
        node = tree.get("network")
        try:
            network = ip_network(node.text or "") if isinstance(node, Scalar) else None
        except ValueError:
            return None
        return network if isinstance(network, IPv4Network) else None

    def _mapping(self, tree: Mapping, key: str) -> dict[str, str]:
        node = tree.get(key)
        if node is None:
            return {}
        if not isinstance(node, Mapping):
            said = f"`{key}:` is a mapping of names to values, not {describe_node(node)}"
            self._problems.add(node.origin, said, "wrong-type")
            return {}
        return {name: self._text(value) for name, _, value in node}

    def _word(self, tree: Mapping, key: str, usual: str, known: Iterable[str] = ()) -> str:
        word = self._optional(tree, key) or usual
        names = tuple(known)
        if names and word not in names:
            said = f"unknown {key} '{word}'; known: {', '.join(names)}"
            self._add(tree, tree.get(key), said, f"unknown-{key}")
        return word

    def _add(self, tree: Mapping, node: Node | None, said: str, code: str) -> None:
        self._problems.add(tree.origin if node is None else node.origin, said, code)


def _item_origins(node: Node | None) -> tuple[Origin, ...]:
    """Where each word of a list stands."""
    if node is None:
        return ()
    return tuple(item.origin for item in getattr(node, "items", (node,)))
