"""The position of a node's data, read from grastate.dat or from the output of a recovery run. Pure."""

from __future__ import annotations

from collections import namedtuple

#: The cluster state UUID of a node that was never in a cluster.
UNDEFINED_UUID = "00000000-0000-0000-0000-000000000000"

#: Sequence numbers that Galera writes for an unknown position; some versions write it as unsigned.
UNKNOWN = {-1, 2**64 - 1}

Position = namedtuple("Position", "uuid seqno safe")
Position.__doc__ = """The position of a node's data.

uuid    cluster state UUID
seqno   number of the last committed transaction; -1: unknown
safe    Galera marked this node as the last one to shut down cleanly (safe_to_bootstrap)
"""

UNKNOWN_POSITION = Position(UNDEFINED_UUID, -1, False)


def number(text: str) -> int:
    """Return a sequence number; -1 if it is unknown."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or int(text) in UNKNOWN:
        return -1
    return int(text)


def from_grastate(text: str) -> Position:
    """Return the position in grastate.dat, or UNKNOWN_POSITION."""
    found = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator and not line.startswith("#"):
            found[name.strip()] = value.strip()
    uuid, seqno = found.get("uuid", UNDEFINED_UUID), number(found.get("seqno", ""))
    if len(uuid) != len(UNDEFINED_UUID) or uuid == UNDEFINED_UUID:
        return UNKNOWN_POSITION
    # safe_to_bootstrap without a position is stale (galera#354): the node did not shut down cleanly.
    return Position(uuid, seqno, found.get("safe_to_bootstrap") == "1" and seqno >= 0)


def from_recovery(output: str) -> Position | None:
    """Return the position that `mariadbd --wsrep-recover` printed, or None."""
    mark = "Recovered position:"
    lines = [line for line in output.splitlines() if mark in line]
    if not lines:
        return None
    uuid, _, seqno = lines[-1].partition(mark)[2].strip().rpartition(":")
    return Position(uuid, number(seqno), False) if len(uuid) == len(UNDEFINED_UUID) else None


def prepared_transactions(output: str) -> bool:
    """Return whether a recovery run stopped because of prepared transactions."""
    return any("Found " in line and " prepared transaction" in line for line in output.splitlines())


def mark_safe(text: str) -> str:
    """Return grastate.dat with safe_to_bootstrap set; Galera does not bootstrap without it."""
    lines = [line for line in text.splitlines() if not line.startswith("safe_to_bootstrap:")]
    return "\n".join([*lines, "safe_to_bootstrap: 1"]) + "\n"
