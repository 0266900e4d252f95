"""Parser for the settings of corosync.conf that identify the cluster of a node (corosync.conf(5))."""

from __future__ import annotations

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A node of the nodelist; `addresses` are ring0_addr, ring1_addr, and so on."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorosyncConf:
    """The cluster in corosync.conf; `token` is in milliseconds, or None if it is not set."""

    cluster: str
    members: tuple[Member, ...]
    token: int | None

    @property
    def is_example(self) -> bool:
        """Whether this is the example file of the package, not the configuration of a cluster."""
        return all(address.startswith("127.") for member in self.members for address in member.addresses)


def parse_corosync_conf(text: str) -> CorosyncConf:
    """Parse corosync.conf, without the settings for logging, links and quorum."""
    cluster, token, members = "", None, list[Member]()
    path: list[str] = []
    node: dict[str, str] = {}
    for line in text.splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.endswith("{"):
            path.append(text[:-1].strip())
            node = {}
            continue
        if text == "}":
            if path == ["nodelist", "node"]:
                members.append(_member(node))
            path = path[:-1]
            continue
        key, _, value = (part.strip() for part in text.partition(":"))
        match path, key:
            case ["nodelist", "node"], _:
                node[key] = value
            case ["totem"], "cluster_name":
                cluster = value
            case ["totem"], "token" if value.isdigit():
                token = int(value)
    return CorosyncConf(cluster, tuple(members), token)


def _member(node: dict[str, str]) -> Member:
    rings = sorted(key for key in node if key.startswith("ring") and key.endswith("_addr"))
    addresses = tuple(node[ring] for ring in rings)
    return Member(node.get("name") or (addresses[0] if addresses else ""), addresses)
