"""corosync.conf: read, as far as it says which cluster a node belongs to (corosync.conf(5))."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A node of the nodelist; `addresses` are ring0_addr, ring1_addr, ... in order."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorosyncConf:
    """What corosync.conf says of the cluster; `token` in milliseconds, None when it does not say."""

    cluster: str
    members: tuple[Member, ...]
    token: int | None

    @property
    def is_example(self) -> bool:
        """Whether this is the file that a distribution's package brings, not a cluster somebody made."""
        return all(address.startswith("127.") for member in self.members for address in member.addresses)


def parse_corosync_conf(text: str) -> CorosyncConf:
    """Read corosync.conf; what it says of logging, links and quorum is left aside."""
    cluster, token, members = "", None, list[Member]()
    path: list[str] = []
    node: dict[str, str] = {}
    for line in text.splitlines():
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        if word.endswith("{"):
            path.append(word[:-1].strip())
            node = {}
            continue
        if word == "}":
            if path == ["nodelist", "node"]:
                members.append(_member(node))
            path = path[:-1]
            continue
        key, _, value = (part.strip() for part in word.partition(":"))
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
