"""The network of a lab: a bridge without a route out of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from pacemaker_os.errors import LabError
from pacemaker_os.lab.shape import LABEL_LAB, LABEL_ROLE, NETWORK, Lab
from pacemaker_os.transport.base import Transport

if TYPE_CHECKING:
    from docker import DockerClient

#: Subnets in the order in which they are tried. The documentation shows the first one.
_CANDIDATES = tuple(IPv4Network(f"172.31.{third}.0/24") for third in range(250, 200, -1))


def find_subnet(client: DockerClient, lab: str, machine: Transport) -> IPv4Network:
    """Return the subnet of the lab, or a free subnet if the lab has no network yet."""
    for network in client.networks.list(filters={"label": f"{LABEL_LAB}={lab}"}):
        return IPv4Network(network.attrs["IPAM"]["Config"][0]["Subnet"])
    return free_subnet([*_docker_subnets(client), *_routed_subnets(machine)])


def ensure_network(client: DockerClient, lab: Lab) -> None:
    """Create the network of the lab if it does not exist."""
    if not client.networks.list(filters={"label": f"{LABEL_LAB}={lab.name}"}):
        _create(client, lab.name, lab.subnet)


def free_subnet(taken: Iterable[IPv4Network]) -> IPv4Network:
    """Return the first candidate that does not overlap with a subnet in `taken`."""
    used = tuple(taken)
    for candidate in _CANDIDATES:
        if not any(candidate.overlaps(other) for other in used):
            return candidate
    raise LabError("no free subnet between 172.31.201.0/24 and 172.31.250.0/24; delete a lab first")


def _create(client: DockerClient, lab: str, subnet: IPv4Network) -> None:
    from docker.types import IPAMConfig, IPAMPool

    client.networks.create(
        network_name(lab),
        driver="bridge",
        internal=True,
        check_duplicate=True,
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet), gateway=str(subnet[1]))]),
        labels={LABEL_LAB: lab, LABEL_ROLE: NETWORK},
    )


def network_name(lab: str) -> str:
    return f"pacemaker-os-{lab}"


def _docker_subnets(client: DockerClient) -> Iterable[IPv4Network]:
    for network in client.networks.list():
        for pool in (network.attrs.get("IPAM") or {}).get("Config") or ():
            if ":" not in pool.get("Subnet", ":"):
                yield IPv4Network(pool["Subnet"], strict=False)


def _routed_subnets(machine: Transport) -> Iterable[IPv4Network]:
    """Yield the subnets in the routing table of this machine, except the default route."""
    for line in machine.get("/proc/net/route").decode().splitlines()[1:]:
        fields = line.split()
        destination, mask = (int.from_bytes(bytes.fromhex(fields[i])[::-1]) for i in (1, 7))
        if mask:
            yield IPv4Network((destination, mask.bit_count()), strict=False)
