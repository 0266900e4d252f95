"""The position of a node's data, and the evidence that the data is a complete copy. Pure.

A recovery run of mariadbd also prints the position of a half-copied data directory: a state transfer copies
the position with the first files. Therefore, a position counts only together with evidence that no state
transfer was interrupted:

- Galera marks the data in grastate.dat as invalid (an undefined UUID) before a state transfer and after an
  inconsistency, and stores the position at a clean shutdown.
- The scripts of a state transfer create the file sst_in_progress and delete it at the end.
- The agent records in the data directory that the server is joining, and when it is synced (RECORD). Unlike
  the evidence above, this record is durable before the transfer begins.
"""

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

#: Evidence for the data of a node: a complete copy (or data that was never in a cluster); unknown, because
#: grastate.dat is missing or unreadable, or because the node failed while joining; the rest of an interrupted
#: state transfer, or data that Galera marked as inconsistent; no data at all.
COMPLETE, UNPROVEN, PARTIAL, EMPTY = "complete", "unproven", "partial", "empty"
COPIES = frozenset({COMPLETE, UNPROVEN, PARTIAL, EMPTY})

#: The agent's record in a data directory. A transfer by mariadb-backup keeps files with this suffix; one by
#: rsync keeps unknown files.
RECORD = "pacemaker-os-galera.sst"

#: Contents of the record: the server was started to join; it was synced with the cluster of a UUID.
JOINING, SYNCED = "joining", "synced"


def number(text: str) -> int:
    """Return a sequence number; -1 if it is unknown."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or int(text) in UNKNOWN:
        return -1
    return int(text)


def grastate_fields(text: str) -> dict[str, str]:
    """Return the values in grastate.dat; none if the file is empty or damaged."""
    found = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator and not line.startswith("#"):
            found[name.strip()] = value.strip()
    return found if len(found.get("uuid", "")) == len(UNDEFINED_UUID) and "seqno" in found else {}


def from_grastate(text: str) -> Position:
    """Return the position in grastate.dat, or UNKNOWN_POSITION."""
    found = grastate_fields(text)
    uuid, seqno = found.get("uuid", UNDEFINED_UUID), number(found.get("seqno", ""))
    if uuid == UNDEFINED_UUID:
        return UNKNOWN_POSITION
    # safe_to_bootstrap without a position is stale (galera#354): the node did not shut down cleanly.
    return Position(uuid, seqno, found.get("safe_to_bootstrap") == "1" and seqno >= 0)


def copy_of(grastate: str, record: str, recovered: Position) -> str:
    """Return the evidence for data without a transfer in progress: COMPLETE, UNPROVEN or PARTIAL.

    `grastate` and `record` are the contents of the two files (empty if missing). `recovered` is the position
    that a recovery run found.
    """
    stored = from_grastate(grastate)
    if stored.seqno >= 0 or recovered.uuid == UNDEFINED_UUID:
        return COMPLETE
    if grastate_fields(grastate) and stored.uuid == UNDEFINED_UUID:
        return PARTIAL
    words = record.split()
    if words[:1] == [JOINING]:
        return UNPROVEN
    return COMPLETE if stored.uuid != UNDEFINED_UUID or words == [SYNCED, recovered.uuid] else UNPROVEN


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


def grastate(uuid: str, seqno: int) -> str:
    """Return a grastate.dat with which a server bootstraps the cluster `uuid` from the position `seqno`.

    Galera does not bootstrap without safe_to_bootstrap. Without the UUID, it would start a new history, and
    ignore the option --wsrep-start-position.
    """
    return f"# GALERA saved state\nversion: 2.1\nuuid:    {uuid}\nseqno:   {seqno}\nsafe_to_bootstrap: 1\n"


def mark_safe(text: str) -> str:
    """Return grastate.dat with safe_to_bootstrap set, for data that was never in a cluster."""
    lines = [line for line in text.splitlines() if not line.startswith("safe_to_bootstrap:")]
    return "\n".join([*lines, "safe_to_bootstrap: 1"]) + "\n"
