"""The resource whose obstacles are searched, and the CIB around it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import cached_property

from lxml import etree

from pacemaker_os.cib.tree.node_state import has_controller
from pacemaker_os.cib.tree.properties import read_properties
from pacemaker_os.cib.tree.relations import Relation, read_relations
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.cib.values import role
from pacemaker_os.dataclass import dataclass

#: A constraint in this role does not affect the other roles.
PROMOTED = "Promoted"


class Surroundings:
    """One `<cib>` with its status, read once for all resources."""

    def __init__(self, cib: etree._Element) -> None:
        self.cib = cib
        configuration = cib.find("configuration")
        self.configuration = etree.Element("configuration") if configuration is None else configuration

    @cached_property
    def resources(self) -> dict[str, etree._Element]:
        """The resources by id, with groups, clones and bundles."""
        return {
            str(each.get("id")): each
            for each in self.configuration.iterfind("resources//*[@id]")
            if each.tag in RESOURCE_TAGS
        }

    @cached_property
    def options(self) -> dict[str, str]:
        """The cluster properties."""
        return read_properties(self.configuration)

    @cached_property
    def relations(self) -> list[Relation]:
        """The mandatory relations between resources."""
        return [each for each in read_relations(self.configuration) if each.mandatory]

    @cached_property
    def tags(self) -> dict[str, set[str]]:
        """The tags of each resource."""
        found: dict[str, set[str]] = {}
        for tag in self.configuration.iterfind("tags/tag"):
            for each in tag.iterfind("obj_ref"):
                found.setdefault(str(each.get("id")), set()).add(str(tag.get("id")))
        return found

    @cached_property
    def node_names(self) -> dict[str, str]:
        """The names of cluster nodes and remote nodes, by id."""
        nodes = self.configuration.iterfind("nodes/node")
        states = self.cib.iterfind("status/node_state")
        return {
            str(each.get("id")): str(each.get("uname")) for each in (*nodes, *states) if each.get("uname")
        }

    @cached_property
    def offline(self) -> tuple[str, ...]:
        """The names of the cluster nodes that are not online."""
        states = {state.get("id"): state for state in self.cib.iterfind("status/node_state")}
        nodes = [node for node in self.configuration.iterfind("nodes/node") if node.get("type") != "remote"]
        if not states:
            return ()
        return tuple(
            str(node.get("uname"))
            for node in nodes
            if (state := states.get(node.get("id"))) is None or not has_controller(state)
        )

    def names_of(self, resource: str) -> set[str]:
        """Return the name of a resource, those of what contains it, and their tags."""
        element = self.resources.get(resource)
        if element is None:
            return {resource}
        names = {resource, *(str(each.get("id")) for each in element.iterancestors(*RESOURCE_TAGS))}
        return names.union(*(self.tags.get(name, set()) for name in names))

    def attributes(self) -> Iterator[tuple[str, str, str, bool]]:
        """Yield node, name and value of each node attribute, and whether it lasts."""
        for node in self.configuration.iterfind("nodes/node"):
            for pair in node.iterfind("instance_attributes/nvpair"):
                yield str(node.get("uname")), str(pair.get("name")), str(pair.get("value", "")), True
        for state in self.cib.iterfind("status/node_state"):
            name = self.node_names.get(str(state.get("id")), str(state.get("uname")))
            for pair in state.iterfind("transient_attributes/instance_attributes/nvpair"):
                yield name, str(pair.get("name")), str(pair.get("value", "")), False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A resource that does not run, or that is not promoted if `role` is Promoted.

    `stopped` are all resources that do not run, `nodes` the nodes that are online, and `running` the
    resources on each node. `loop` are the resources of an order loop that its start waits for, and `now` is
    the time with the time zone of the nodes.
    """

    resource: str
    role: str
    around: Surroundings
    stopped: Collection[str] = ()
    nodes: Sequence[str] = ()
    running: Mapping[str, Collection[str]] = field(default_factory=dict)
    loop: Sequence[str] = ()
    now: datetime | None = None

    @property
    def names(self) -> set[str]:
        """The names that constraints use for the resource."""
        return self.around.names_of(self.resource)

    @property
    def elements(self) -> list[etree._Element]:
        """The resource, and the groups, clones and bundles that contain it, the innermost first."""
        element = self.around.resources.get(self.resource)
        return [] if element is None else [element, *element.iterancestors(*RESOURCE_TAGS)]

    def constraints(self, tag: str) -> Iterator[etree._Element]:
        """Yield the constraints of a kind for the resource in its role."""
        names = self.names
        for constraint in self.around.configuration.iterfind(f"constraints/{tag}"):
            named = constraint.get("rsc") in names
            pattern = constraint.get("rsc-pattern")
            if pattern is not None:
                named = any(_matches(pattern, name) for name in names)
            if not named and not any(each.get("id") in names for each in constraint.iter("resource_ref")):
                continue
            holders = [constraint, *constraint.iter("resource_set", "rule")]
            roles = {role(text) for each in holders if (text := each.get("role") or each.get("rsc-role"))}
            if self.role == PROMOTED or PROMOTED not in roles:
                yield constraint


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False
