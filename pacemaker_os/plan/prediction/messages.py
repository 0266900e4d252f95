"""The errors and warnings that Pacemaker's scheduler logs about a configuration.

`crm_verify` runs the same scheduler, so its opinion is that of a simulation. The log of a simulation with
nodes online has more: many settings are only read for a resource that may run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from pacemaker_os.dataclass import dataclass

#: A line of the log of a command-line tool, in Pacemaker 2.0 to 3.0: `(function) level: text`.
_LINE = re.compile(r"(?:\([^\s)]*\)\s+)?(?P<level>crit|error|warning)\s*:\s+(?P<text>\S.*)")

#: Messages about the state of nodes and resources, and about planned actions. Effects and findings report
#: these; no change of the configuration removes them.
_STATE = (
    r"\| (?:rc|failures)=",
    r"\bstatus=\d+ rc=",
    r"will be fenced\b",
    r"\bis unclean\b",
    r"^Scheduling (?:remote |guest )?node .* for fencing",
    r"is unrunnable\b",
    r"might be active on \d+ nodes",
    r"^Resource .* is active on \d+ nodes",
    r"^Detected active (?:orphan|removed)",
    r"^Fencing and resource management disabled due to lack of quorum",
    r"^Ignoring (?:recorded (?:node )?state for|malformed node_state)",
    r"cannot run on .*: node not allowed",
    r"due to reaching migration threshold",
    r"^Forcing .* away from ",
    r"^Chose .* from \d+ nodes with score",
    r"^No further recovery can be attempted",
    r"^Preventing .* from restarting",
    r"^(?:Pretending|Cannot ignore|Processing) failed ",
    r"^Unexpected result \(",
    r"^Not remapping ",
    r"^Internal error",
    r"^(?:Errors|Warnings) found during check",
)

#: Missing fencing, which plan.warnings and the findings explain. Every new cluster has these errors.
_NO_FENCING = (
    r"^Resource start-up disabled since no (?:STONITH|fencing) resources",
    r"^Either configure some or disable (?:STONITH|fencing)",
    r"^NOTE: Clusters with shared data need (?:STONITH|fencing)",
)


@cache
def _excluded() -> re.Pattern[str]:
    """Return the pattern of all of them. Most logs are empty, and need none."""
    return re.compile("|".join((*_STATE, *_NO_FENCING)))


#: The number of a clone instance, as in `web:0`.
_INSTANCE = re.compile(r"(?<=[\w.-]):\d+\b")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the scheduler: `level` is `error` or `warning`."""

    level: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """The identity of the message for all instances of a clone."""
        return self.level, _INSTANCE.sub("", self.text)


def read_messages(log: str) -> tuple[Message, ...]:
    """Return the errors and warnings about the configuration in a log, once for all instances of a clone."""
    found = (_LINE.match(line) for line in log.splitlines())
    messages = (
        Message("warning" if line["level"] == "warning" else "error", line["text"].strip())
        for line in found
        if line
    )
    return unique(message for message in messages if not _excluded().search(message.text))


def unique(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return the messages without repetitions, errors first."""
    found: dict[tuple[str, str], Message] = {}
    for message in messages:
        found.setdefault(message.key, message)
    return tuple(sorted(found.values(), key=lambda message: message.level))
