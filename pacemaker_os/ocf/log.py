"""Log messages to syslog, and the format of an exit reason."""

from __future__ import annotations

import sys
import syslog

#: Maximum length of an exit reason, in characters: Pacemaker's tools show it on one line.
MAX_REASON = 500


def one_line(text: str) -> str:
    """Return `text` on one line, without control characters, cut to MAX_REASON."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 3] + "..."


class Log:
    """Writes to syslog as `agent(instance)[pid]`, and to standard error if that is a terminal."""

    def __init__(self, agent: str, instance: str) -> None:
        syslog.openlog(f"{agent}({instance})", syslog.LOG_PID, syslog.LOG_DAEMON)

    def _write(self, priority: int, level: str, text: str) -> None:
        text = one_line(text)
        syslog.syslog(priority, f"{level}: {text}")
        if sys.stderr.isatty():
            print(f"{level}: {text}", file=sys.stderr)

    def debug(self, text: str) -> None:
        """Log details for developers of the agent."""
        self._write(syslog.LOG_DEBUG, "DEBUG", text)

    def info(self, text: str) -> None:
        """Log what was done, and why."""
        self._write(syslog.LOG_INFO, "INFO", text)

    def warning(self, text: str) -> None:
        """Log a condition that an operator should know about and that is not a failure."""
        self._write(syslog.LOG_WARNING, "WARNING", text)

    def error(self, text: str) -> None:
        """Log why an action failed."""
        self._write(syslog.LOG_ERR, "ERROR", text)
