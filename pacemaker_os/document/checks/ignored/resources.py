"""Check resources and their meta attributes."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive
from pacemaker_os.cib.values import integer, role, score
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.ignored.index import Index, find, is_true, pairs
from pacemaker_os.document.checks.walk import all_elements, origin_of

#: Classes of agents that cannot distinguish instances, and cannot be promoted (`pcmk_get_ra_caps()`).
_PLAIN_CLASSES = ("systemd", "lsb", "service", "upstart", "nagios")


def check_resources(cib: Cib) -> Iterator[LintFinding]:
    """Yield resources that Pacemaker ignores, and settings of resources that it replaces."""
    index = Index.of(cib)
    for clone in index.clones.values():
        yield from _check_clone(clone, index)
    for resource in cib.resources:
        if isinstance(resource, Bundle):
            yield from _check_bundle(resource, index)
    promotable = {
        id(place.primitive)
        for place in index.places.values()
        if place.bundle is not None or (place.clone is not None and _is_promotable(place.clone))
    }
    for element, _ in all_elements(cib):
        if isinstance(element, Primitive):
            yield from _check_roles(element, id(element) in promotable)
            yield from _check_container(element, index)
            yield from _check_requires(element, index)
        elif isinstance(element, Group) and not any(
            clone.child is element and _is_promotable(clone) for clone in index.clones.values()
        ):
            yield from _check_roles(element, False)
        elif isinstance(element, Clone):
            yield from _check_roles(element, _is_promotable(element))


def _is_promotable(clone: Clone) -> bool:
    return is_true(clone.meta_attributes, "promotable")


def _check_clone(clone: Clone, index: Index) -> Iterator[LintFinding]:
    child = clone.child
    members = child.members if isinstance(child, Group) else (child,) if child is not None else ()
    plain = next((each for each in members if index.agent_class(each) in _PLAIN_CLASSES), None)
    if plain is not None and _is_promotable(clone):
        message = (
            f"Pacemaker ignores clone '{clone.id}': a resource of class {index.agent_class(plain)} "
            f"('{plain.id}') cannot be promoted; use `clone:`"
        )
        yield LintFinding(origin_of(clone), message, "not-promotable")
    unique = find(clone.meta_attributes, "globally-unique")
    is_unique = is_true(clone.meta_attributes, "globally-unique")
    if plain is not None and is_unique and unique is not None:
        message = (
            f"Pacemaker ignores 'globally-unique': a resource of class {index.agent_class(plain)} "
            f"('{plain.id}') can only be an anonymous clone"
        )
        yield LintFinding(unique.origin or origin_of(clone), message, "ignored")
    for name in ("clone-node-max", "promoted-node-max", "master-node-max"):
        pair = find(clone.meta_attributes, name)
        if pair is not None and (integer(pair.value or "") or 0) > 1 and not (is_unique and plain is None):
            message = (
                f"Pacemaker 2 uses 1 for '{name}' of an anonymous clone; "
                "for several instances on a node, use `globally-unique: true`"
            )
            yield LintFinding(pair.origin or origin_of(clone), message, "ignored", is_warning=True)


def _check_bundle(bundle: Bundle, index: Index) -> Iterator[LintFinding]:
    network, container = bundle.network, bundle.container
    class_ = index.agent_class(bundle.primitive) if bundle.primitive is not None else None
    promoted = (container.promoted_max or container.masters or "0") if container is not None else "0"
    if class_ in _PLAIN_CLASSES and bundle.primitive is not None and integer(promoted):
        message = (
            f"Pacemaker ignores bundle '{bundle.id}': a resource of class {class_} ('{bundle.primitive.id}') "
            "cannot be promoted; remove 'promoted-max'"
        )
        yield LintFinding(origin_of(bundle), message, "not-promotable")
    reachable = network is not None and (network.ip_range_start or network.control_port)
    if bundle.primitive is not None and not reachable:
        message = (
            f"Pacemaker ignores bundle '{bundle.id}': to run '{bundle.primitive.id}' in it, "
            "`network` requires 'ip-range-start' or 'control-port'"
        )
        yield LintFinding(origin_of(bundle), message, "ignored")
    per_host = integer(container.replicas_per_host or "1") if container is not None else 1
    if network is not None and network.control_port and not network.ip_range_start and (per_host or 1) > 1:
        message = "Pacemaker uses 1 for 'replicas-per-host', because 'control-port' requires it"
        yield LintFinding(bundle.origin or origin_of(bundle), message, "ignored")


def _check_roles(resource: Primitive | Group | Clone, promotable: bool) -> Iterator[LintFinding]:
    pair = find(resource.meta_attributes, "target-role")
    if pair is not None and role(pair.value or "") in ("Promoted", "Unpromoted") and not promotable:
        message = (
            f"Pacemaker ignores 'target-role: {pair.value}' of '{resource.id}': "
            "it applies only to promotable clones"
        )
        yield LintFinding(pair.origin or origin_of(resource), message, "ignored")


def _check_container(primitive: Primitive, index: Index) -> Iterator[LintFinding]:
    pair = find(primitive.meta_attributes, "container")
    if pair is not None and pair.value not in index.places:
        message = f"unknown resource '{pair.value}' as the container of '{primitive.id}'"
        yield LintFinding(pair.origin or origin_of(primitive), message, "dangling", is_warning=True)


def _check_requires(primitive: Primitive, index: Index) -> Iterator[LintFinding]:
    threshold = find(primitive.meta_attributes, "migration-threshold")
    if threshold is not None and (score(threshold.value or "") or 0) < 0:
        message = "Pacemaker uses 1 for a negative 'migration-threshold'"
        yield LintFinding(threshold.origin or origin_of(primitive), message, "ignored", is_warning=True)
    for pair in pairs(primitive.meta_attributes):
        value = (pair.value or "").lower()
        origin = pair.origin or origin_of(primitive)
        if pair.name == "requires" and value == "unfencing" and index.agent_class(primitive) == "stonith":
            message = (
                f"Pacemaker uses 'quorum' for 'requires': fencing device '{primitive.id}' cannot be unfenced"
            )
            yield LintFinding(origin, message, "ignored")
        elif pair.name == "requires" and value in ("fencing", "unfencing") and index.fencing_disabled:
            message = f"Pacemaker uses 'quorum' for 'requires: {pair.value}', because fencing is disabled"
            yield LintFinding(origin, message, "ignored", is_warning=True)
