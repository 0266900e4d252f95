"""Nodes and their attributes."""

from __future__ import annotations

from typing import ClassVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import InstanceAttributes, NvSet, Utilization, nvsets
from pacemaker_os.cib.table import attr, identifier
from pacemaker_os.cib.values import NAME, NODE, SCORE, one_of
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Element):
    """A node. Its name is `uname`; the cluster layer assigns the id, which is None if it is unknown."""

    tag: ClassVar[str] = "node"
    section: ClassVar[str] = "nodes"

    id: str | None = identifier(NAME)
    uname: str | None = attr(NODE)
    type: str | None = attr(one_of("member", "remote", "ping"), default="member")
    description: str | None = attr()
    score: str | None = attr(SCORE)
    instance_attributes: tuple[NvSet, ...] = nvsets(InstanceAttributes, "attributes")
    utilization: tuple[NvSet, ...] = nvsets(Utilization, "utilization")
