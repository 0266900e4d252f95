"""Obstacles: what keeps a resource stopped, in the terms that an operator can act on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from lxml import etree

from pacemaker_os.cib.tree.relations import Relation, read_relations
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.cib.values import INFINITY, boolean, role, score
from pacemaker_os.text import fold

#: Maximum number of constraints in a message.
_LISTED = 3

#: Roles in which an instance is never promoted.
_NEVER_PROMOTED = ("Stopped", "Unpromoted")

#: A constraint in this role does not affect the other roles.
_PROMOTED = "Promoted"

#: The reason of a resource for which no obstacle is known.
UNEXPLAINED = "the scheduler finds no node for it"


class Obstacles:
    """Finds the obstacles in one `<cib>`, with its status."""

    def __init__(self, cib: etree._Element) -> None:
        self._cib = cib
        configuration = cib.find("configuration")
        self._configuration = etree.Element("configuration") if configuration is None else configuration

    def explain(self, resource: str, role: str, stopped: Collection[str], nodes: Sequence[str]) -> str:
        """Return what keeps a resource from running in `role` (Promoted, or empty for any).

        `stopped` are all resources that cannot run, `nodes` the nodes that are online.
        """
        names = self.names_of(resource)
        reasons = (
            *self._properties(),
            *self._tickets(names, role),
            *self._dependencies(names, role, stopped),
            *self._nodes(names, role, nodes),
            *self._apart(names),
        )
        return next(iter(reasons), UNEXPLAINED)

    def allows_promotion(self, resource: str) -> bool:
        """Return whether the configuration lets an instance of this resource be promoted."""
        for name in self.names_of(resource):
            element = self._resources.get(name)
            if element is None:
                continue
            meta = {
                str(pair.get("name")): str(pair.get("value", ""))
                for pair in reversed(element.findall("meta_attributes/nvpair"))
            }
            if "0" in (meta.get("promoted-max"), meta.get("master-max"), meta.get("clone-max")):
                return False
            if role(meta.get("target-role", "Started")) in _NEVER_PROMOTED:
                return False
        return True

    def ignored(self, resources: Collection[str], containers: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield each resource, with its service, that the scheduler ignores because it is not valid."""
        for primitive in self._configuration.iterfind("resources//primitive"):
            name = str(primitive.get("id"))
            outer = [str(each.get("id")) for each in primitive.iterancestors(*RESOURCE_TAGS)]
            parent = primitive.getparent()
            alone = parent is None or parent.tag in ("resources", "group")
            # A clone or bundle without instances is known, but contains nothing.
            known = name in resources or any(each in containers for each in outer)
            if alone and outer and outer[0] in containers:
                known = name in resources
            if not known:
                yield name, outer[-1] if outer else name

    def names_of(self, resource: str) -> set[str]:
        """Return the name of a resource and those of the groups, clones and bundles that contain it."""
        element = self._resources.get(resource)
        if element is None:
            return {resource}
        return {resource, *(str(each.get("id")) for each in element.iterancestors(*RESOURCE_TAGS))}

    @cached_property
    def _resources(self) -> dict[str, etree._Element]:
        return {str(each.get("id")): each for each in self._configuration.iterfind("resources//*[@id]")}

    @cached_property
    def _options(self) -> dict[str, str]:
        pairs = self._configuration.iterfind("crm_config/cluster_property_set/nvpair")
        return {str(pair.get("name")): str(pair.get("value", "")) for pair in reversed(list(pairs))}

    @cached_property
    def _standby(self) -> set[str]:
        found = set()
        for node in self._configuration.iterfind("nodes/node"):
            for pair in node.iterfind("instance_attributes/nvpair[@name='standby']"):
                if boolean(pair.get("value", "")):
                    found.add(str(node.get("uname")))
        return found

    def _properties(self) -> Iterator[str]:
        if boolean(self._options.get("stop-all-resources", "")):
            yield "the property stop-all-resources is true"

    def _tickets(self, names: Collection[str], wanted: str) -> Iterator[str]:
        for constraint in self._constraints("rsc_ticket", names, wanted):
            ticket = str(constraint.get("ticket"))
            state = next(
                (each for each in self._cib.iterfind("status/tickets/*") if each.get("id") == ticket), None
            )
            if state is None or not boolean(state.get("granted", "")):
                yield f"the ticket {ticket} is not granted"
            elif boolean(state.get("standby", "")):
                yield f"the ticket {ticket} is in standby"

    def _dependencies(self, names: Collection[str], wanted: str, stopped: Collection[str]) -> Iterator[str]:
        for relation in self._relations:
            dependent = relation.then in names and relation.first not in names
            if dependent and not relation.apart and relation.first in stopped:
                yield f"depends on {relation.first}, which cannot run ({relation.constraint})"

    @cached_property
    def _relations(self) -> list[Relation]:
        found = read_relations(self._configuration)
        return [each for each in found if each.mandatory]

    def _apart(self, names: Collection[str]) -> Iterator[str]:
        for relation in self._relations:
            sides = {relation.then, relation.first}
            if relation.apart and (other := sides - set(names)) and len(other) == 1:
                yield f"must not run on the node of {other.pop()} ({relation.constraint})"

    def _nodes(self, names: Collection[str], wanted: str, nodes: Sequence[str]) -> Iterator[str]:
        """Yield the constraints, standby modes and rules that leave no node."""
        bans = [each for each in self._constraints("rsc_location", names, wanted) if restricts_nodes(each)]
        parts = []
        if avoided := sorted({str(each.get("node")) for each in bans if _is_ban(each)}):
            parts.append(f"it avoids {fold(avoided)}")
        if others := [each for each in bans if not _is_ban(each)]:
            more = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
            parts.append(f"{', '.join(map(_title, others[:_LISTED]))}{more}")
        if standby := [name for name in nodes if name in self._standby]:
            verb = "are" if len(standby) > 1 else "is"
            parts.append(f"{fold(standby)} {verb} in standby")
        if boolean(self._options.get("symmetric-cluster", "true")) is False:
            parts.append("symmetric-cluster is false")
        if parts:
            yield f"no node is allowed ({'; '.join(parts)})"

    def _constraints(self, tag: str, names: Collection[str], wanted: str) -> Iterator[etree._Element]:
        """Yield the constraints of a kind for a resource in a role."""
        for constraint in self._configuration.iterfind(f"constraints/{tag}"):
            named = constraint.get("rsc") in names
            pattern = constraint.get("rsc-pattern")
            if pattern is not None:
                named = any(_matches(pattern, name) for name in names)
            if not named and not any(each.get("id") in names for each in constraint.iter("resource_ref")):
                continue
            holders = [constraint, *constraint.iter("resource_set", "rule")]
            roles = {role(text) for each in holders if (text := each.get("role") or each.get("rsc-role"))}
            if wanted == _PROMOTED or _PROMOTED not in roles:
                yield constraint


def restricts_nodes(location: etree._Element) -> bool:
    """Return whether a location forbids or requires nodes, instead of only preferring them."""
    scores = [location.get("score"), *(rule.get("score") for rule in location.iter("rule"))]
    return location.get("resource-discovery") == "exclusive" or any(
        abs(score(each) or 0) >= INFINITY for each in scores if each
    )


def _is_ban(location: etree._Element) -> bool:
    """Return whether a location only forbids one node."""
    return location.get("node") is not None and (score(location.get("score", "0")) or 0) <= -INFINITY


def _title(location: etree._Element) -> str:
    """Return the id of a location, with the node attributes that its rules read."""
    attributes = sorted({str(each.get("attribute")) for each in location.iter("expression")})
    read = f", node attribute {', '.join(attributes)}" if attributes else ""
    return f"{location.get('id')}{read}"


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False
