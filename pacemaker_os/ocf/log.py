"""Saying what happens: to syslog for the record, and in one line to Pacemaker as the exit reason."""

from __future__ import annotations

import sys
import syslog

#: An exit reason is shown in one line of `pcs status`; more than this many characters is cut.
MAX_REASON = 500


def one_line(text: str) -> str:
    """`text` without line breaks and characters that a terminal would act on."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 3] + "..."


class Log:
    """Writes to syslog as `agent(instance)[pid]`, and to standard error when a person reads there."""

    def __init__(self, agent: str, instance: str) -> None:
        syslog.openlog(f"{agent}({instance})", syslog.LOG_PID, syslog.LOG_DAEMON)

    def _write(self, priority: int, level: str, text: str) -> None:
        text = one_line(text)
        syslog.syslog(priority, f"{level}: {text}")
        if sys.stderr.isatty():
            print(f"{level}: {text}", file=sys.stderr)

    def debug(self, text: str) -> None:
        """Of use to someone who looks for a fault in the agent."""
        self._write(syslog.LOG_DEBUG, "DEBUG", text)

    def info(self, text: str) -> None:
        """What was done, and why."""
        self._write(syslog.LOG_INFO, "INFO", text)

    def warning(self, text: str) -> None:
        """Something that an operator should know, and that is no failure."""
        self._write(syslog.LOG_WARNING, "WARNING", text)

    def error(self, text: str) -> None:
        """Why an action failed."""
        self._write(syslog.LOG_ERR, "ERROR", text)
