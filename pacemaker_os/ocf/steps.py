"""What the nodes of a clustered service tell each other, and what each does to become a member. Pure."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    Report = TypeVar("Report")

#: What a node is doing: nothing; on its way, or waiting for others; serving.
STOPPED, STARTING, RUNNING = "stopped", "starting", "running"
PHASES = frozenset({STOPPED, STARTING, RUNNING})

Boot = namedtuple("Boot", "reason")
Boot.__doc__ = "Start with the data that are there."

Create = namedtuple("Create", "reason")
Create.__doc__ = "Begin a new cluster."

Join = namedtuple("Join", "peer reason")
Join.__doc__ = "Become a member of the cluster that `peer` is in."

Wait = namedtuple("Wait", "reason nodes")
Wait.__doc__ = "Do nothing until `nodes` have said or done more."


def readable(texts: Mapping[str, str], decode: Callable[[str], Report | None]) -> dict[str, Report]:
    """The reports of all nodes that gave one; `decode` answers None for a text that is none."""
    reports = {node: decode(text) for node, text in texts.items()}
    return {node: report for node, report in reports.items() if report is not None}
