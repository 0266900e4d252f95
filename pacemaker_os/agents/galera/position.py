"""How far a node's data goes: read from Galera's state file, or from what a recovery run says. Pure."""

from __future__ import annotations

from collections import namedtuple

#: The history of a node that never was in a cluster.
NO_HISTORY = "00000000-0000-0000-0000-000000000000"

#: What Galera writes for a position that is not known, as a number without sign in some versions.
UNKNOWN = {-1, 2**64 - 1}

Position = namedtuple("Position", "uuid seqno safe")
Position.__doc__ = """A place in a cluster's history.

uuid    which history
seqno   how many transactions of it; -1: not known
safe    Galera says that this node left last, in good order (safe_to_bootstrap)
"""

NOWHERE = Position(NO_HISTORY, -1, False)


def number(text: str) -> int:
    """A sequence number; -1 when it is not known."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or int(text) in UNKNOWN:
        return -1
    return int(text)


def from_grastate(text: str) -> Position:
    """The position in grastate.dat; NOWHERE when it says none."""
    found = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator and not line.startswith("#"):
            found[name.strip()] = value.strip()
    uuid, seqno = found.get("uuid", NO_HISTORY), number(found.get("seqno", ""))
    if len(uuid) != len(NO_HISTORY) or uuid == NO_HISTORY:
        return NOWHERE
    # A mark of safety without a position is a leftover (galera#354): the node did not leave in order.
    return Position(uuid, seqno, found.get("safe_to_bootstrap") == "1" and seqno >= 0)


def from_recovery(output: str) -> Position | None:
    """The position that `mariadbd --wsrep-recover` found; None when it said none."""
    mark = "Recovered position:"
    lines = [line for line in output.splitlines() if mark in line]
    if not lines:
        return None
    uuid, _, seqno = lines[-1].partition(mark)[2].strip().rpartition(":")
    return Position(uuid, number(seqno), False) if len(uuid) == len(NO_HISTORY) else None


def prepared_transactions(output: str) -> bool:
    """Whether a recovery run stopped because transactions were prepared and not decided."""
    return any("Found " in line and " prepared transaction" in line for line in output.splitlines())


def mark_safe(text: str) -> str:
    """grastate.dat with leave to bootstrap; Galera refuses to bootstrap without."""
    lines = [line for line in text.splitlines() if not line.startswith("safe_to_bootstrap:")]
    return "\n".join([*lines, "safe_to_bootstrap: 1"]) + "\n"
