"""From what was found to what is said: degraded before failed. Pure."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Good = namedtuple("Good", "")
Degraded = namedtuple("Degraded", "reason")
Failed = namedtuple("Failed", "reason")


def verdict(findings: Sequence[str], bad_before: int, tolerated: int) -> Good | Degraded | Failed:
    """What to say of a service.

    `findings` is what was wrong at this look, `bad_before` how many looks in a row before it were bad,
    `tolerated` how many may be before the service counts as failed.
    """
    if not findings:
        return Good()
    reason = "; ".join(findings)
    if bad_before < tolerated:
        return Degraded(f"{reason} (look {bad_before + 1} of {tolerated + 1})")
    return Failed(reason)


def status_wanted(statuses: str, status: int) -> bool:
    """Whether an HTTP status is one of `statuses`, such as `200 300 401` or `2xx`."""
    text = str(status)
    return any(word == text or (word.endswith("xx") and word[:1] == text[:1]) for word in statuses.split())


def parse_connections(table: Iterable[str]) -> Iterator[tuple[int, int]]:
    """(inode, remote port) of the established connections in the lines of a /proc/net/tcp table."""
    for line in table:
        fields = line.split()
        # local_address, rem_address, st (01: ESTABLISHED), ..., inode: proc(5).
        if len(fields) > 9 and fields[3] == "01":
            yield int(fields[9]), int(fields[2].rpartition(":")[2], 16)
