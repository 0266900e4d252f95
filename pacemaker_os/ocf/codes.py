"""What an action's exit status means (OCF 1.1, section "Exit status codes"; Pacemaker's 190 and 191)."""

from __future__ import annotations

SUCCESS = 0
#: The same number, read as the answer of a monitor.
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

#: Answers of a monitor that say: it is up in the role Started or Unpromoted.
UP = frozenset({RUNNING, DEGRADED})
#: Answers of a monitor that say: it is up in the role Promoted.
UP_PROMOTED = frozenset({RUNNING_PROMOTED, DEGRADED_PROMOTED})

#: A degraded answer, and the same without the warning.
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
    """An action cannot do what was asked; `reason` is one line that people read in `pcs-os status`."""

    def __init__(self, reason: str, code: int = GENERIC) -> None:
        super().__init__(reason)
        self.reason, self.code = reason, code


class TimedOut(Failure):
    """The time that the operation has is over."""
