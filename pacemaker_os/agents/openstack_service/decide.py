"""The result of a monitor, from its failed checks: degraded first, then failed. Pure."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Good = namedtuple("Good", "")
Degraded = namedtuple("Degraded", "reason")
Failed = namedtuple("Failed", "reason")


def verdict(findings: Sequence[str], failed_before: int, tolerated: int) -> Good | Degraded | Failed:
    """Return the result of a monitor.

    `findings` are its failed checks, `failed_before` is the number of consecutive monitors with failed checks
    before it, and `tolerated` the number of these before the service is considered failed.
    """
    if not findings:
        return Good()
    reason = "; ".join(findings)
    if failed_before < tolerated:
        return Degraded(f"{reason} (monitor {failed_before + 1} of {tolerated + 1})")
    return Failed(reason)


def status_wanted(statuses: str, status: int) -> bool:
    """Return whether an HTTP status is one of `statuses`, such as `200 300 401` or `2xx`."""
    text = str(status)
    return any(word == text or (word.endswith("xx") and word[:1] == text[:1]) for word in statuses.split())


def parse_connections(table: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield (inode, remote port) of each established connection in the lines of a /proc/net/tcp table."""
    for line in table:
        fields = line.split()
        # local_address, rem_address, st (01: ESTABLISHED), ..., inode: proc(5).
        if len(fields) > 9 and fields[3] == "01":
            yield int(fields[9]), int(fields[2].rpartition(":")[2], 16)
