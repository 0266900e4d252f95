"""Reports of the nodes of a clustered service, and the next steps that follow from them. Pure."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    Report = TypeVar("Report")

#: Phases of a node: stopped; starting, or waiting for other nodes; running.
STOPPED, STARTING, RUNNING = "stopped", "starting", "running"
PHASES = frozenset({STOPPED, STARTING, RUNNING})

Boot = namedtuple("Boot", "reason")
Boot.__doc__ = "Start with the existing data."

Form = namedtuple("Form", "reason")
Form.__doc__ = "Form a new cluster."

Join = namedtuple("Join", "peer reason")
Join.__doc__ = "Join the cluster that `peer` is a member of."

Wait = namedtuple("Wait", "reason nodes")
Wait.__doc__ = "Wait until `nodes` publish another report."


def readable(texts: Mapping[str, str], decode: Callable[[str], Report | None]) -> dict[str, Report]:
    """Return the reports of all nodes with a valid one; `decode` returns None for an invalid text."""
    reports = {node: decode(text) for node, text in texts.items()}
    return {node: report for node, report in reports.items() if report is not None}
