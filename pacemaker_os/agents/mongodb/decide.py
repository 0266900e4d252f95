"""The state of a member of a replica set, and the node that initiates the set. Pure."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Good = namedtuple("Good", "")
Degraded = namedtuple("Degraded", "reason")
Fresh = namedtuple("Fresh", "")
Failed = namedtuple("Failed", "reason")


def member_state(hello: Mapping[str, object], replica_set: str) -> Good | Degraded | Fresh | Failed:
    """Return what the response to `hello` (or the older `isMaster`) means."""
    if hello.get("isreplicaset"):
        return Fresh()
    name = hello.get("setName")
    if name is not None and name != replica_set:
        return Failed(f"member of replica set '{name}' instead of '{replica_set}'")
    if hello.get("isWritablePrimary") or hello.get("ismaster"):
        return Good()
    if hello.get("secondary"):
        return Good() if hello.get("primary") else Degraded("the replica set has no primary")
    return Degraded("starting or recovering")


def initiating_node(members: Sequence[str], online: Sequence[str], fresh: Mapping[str, bool]) -> str:
    """Return the node that initiates the replica set; empty while it cannot be decided.

    `fresh` maps every node that reported to whether its data directory is empty. A set is initiated only if
    every online member has reported, these are more than half of the members, and none has data.
    """
    silent = [node for node in members if node in online and node not in fresh]
    if silent or not all(fresh.values()) or 2 * len(fresh) <= len(members):
        return ""
    return next((node for node in members if node in fresh), "")


def configuration(replica_set: str, addresses: Mapping[str, str]) -> dict[str, object]:
    """Return the document that initiates a replica set of all members."""
    hosts = [{"_id": place, "host": host} for place, host in enumerate(addresses.values())]
    return {"_id": replica_set, "members": hosts}
