"""Exit statuses of actions (OCF 1.1, section "Exit status codes"; 190 and 191 are Pacemaker's)."""

from __future__ import annotations

SUCCESS = 0
#: The same number as the result of a monitor.
RUNNING = 0
GENERIC = 1
ARGS = 2
UNIMPLEMENTED = 3
PERM = 4
INSTALLED = 5
CONFIGURED = 6
NOT_RUNNING = 7
RUNNING_PROMOTED = 8
FAILED_PROMOTED = 9
DEGRADED = 190
DEGRADED_PROMOTED = 191

#: Monitor results of a service that runs in the role Started or Unpromoted.
UP = frozenset({RUNNING, DEGRADED})
#: Monitor results of a service that runs in the role Promoted.
UP_PROMOTED = frozenset({RUNNING_PROMOTED, DEGRADED_PROMOTED})

#: The result without the degradation, for each degraded result.
UNDEGRADED = {DEGRADED: RUNNING, DEGRADED_PROMOTED: RUNNING_PROMOTED}

NAMES = {
    SUCCESS: "ok",
    GENERIC: "error",
    ARGS: "invalid parameter",
    UNIMPLEMENTED: "unimplemented",
    PERM: "insufficient privileges",
    INSTALLED: "not installed",
    CONFIGURED: "not configured",
    NOT_RUNNING: "not running",
    RUNNING_PROMOTED: "promoted",
    FAILED_PROMOTED: "promoted (failed)",
    DEGRADED: "degraded",
    DEGRADED_PROMOTED: "promoted (degraded)",
}


class Failure(Exception):
    """A failed action. `reason` is the exit reason, one line that `pcs-os status` shows."""

    def __init__(self, reason: str, code: int = GENERIC) -> None:
        super().__init__(reason)
        self.reason, self.code = reason, code


class TimedOut(Failure):
    """The deadline of the operation has passed."""
