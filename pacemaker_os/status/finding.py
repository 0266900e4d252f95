"""A finding: a diagnosed problem, and the next command."""

from __future__ import annotations

from typing import Literal

from pacemaker_os.dataclass import dataclass

#: Severity of a finding. critical: a service is down, or the next failure would take one down. warning: a
#: problem that does not affect a service yet. notice: an operator requested this state.
Severity = Literal["critical", "warning", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A diagnosed problem, and the next command.

    `code` is a stable name, `subject` the affected object, and `text` one sentence that is true by itself.
    `reason` is the exit reason of an agent, or what causes the problem. `lines` are the last lines of a log
    that show the reason, without secrets. `advice` introduces the command, or describes the change of a
    document that resolves the problem. `origin` is the position (file, line and column) of the document that
    declares the object to change, or empty. `command` is an argument list, or empty: it resolves the problem
    as it is, or shows more. It runs on `node`, or on any cluster node if that is empty.
    """

    code: str
    severity: Severity
    subject: str
    text: str
    reason: str = ""
    lines: tuple[str, ...] = ()
    advice: str = ""
    origin: str = ""
    command: tuple[str, ...] = ()
    node: str = ""
