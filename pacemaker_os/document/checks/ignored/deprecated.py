"""Check for features that Pacemaker has deprecated, or removed in version 3."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.constraints import Colocation, Lifetime, Order
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import MetaAttributes, NvSet, PropertySet
from pacemaker_os.cib.resources import Group, Rkt
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements

_ELEMENTS: dict[type[Element], str] = {
    Lifetime: "'lifetime' is deprecated; use rules of the constraint",
    Rkt: "Pacemaker 3 does not support rkt; use podman or docker",
}
_FIELDS: dict[tuple[type[Element], str], str] = {
    (Order, "score"): "'score' of an order is deprecated; use 'kind'",
    (Order, "first_instance"): "'first-instance' is deprecated",
    (Order, "then_instance"): "'then-instance' is deprecated",
    (Colocation, "rsc_instance"): "'rsc-instance' is deprecated",
    (Colocation, "with_rsc_instance"): "'with-rsc-instance' is deprecated",
}
_PROPERTIES = ("remove-after-stop",)
_META = ("restart-type", "role_after_failure", "can_fail")
#: Meta attributes of groups that resource sets replace.
_GROUP_META = ("ordered", "collocated")


def check_deprecated(cib: Cib) -> Iterator[LintFinding]:
    """Yield deprecated elements, attributes and names."""
    for element, origin in all_elements(cib):
        if message := _ELEMENTS.get(type(element)):
            yield LintFinding(origin, message, "deprecated", is_warning=True)
        for (cls, field), message in _FIELDS.items():
            if type(element) is cls and getattr(element, field) is not None:
                yield LintFinding(origin, message, "deprecated", is_warning=True)
        if isinstance(element, Node) and element.type == "ping":
            yield LintFinding(origin, "nodes of type 'ping' are deprecated", "deprecated", is_warning=True)
        names = _names(element)
        sets = element.meta_attributes if isinstance(element, Group) else (element,)
        for nvset in sets if names else ():
            for pair in nvset.nvpairs:
                if pair.name in names:
                    message = f"'{pair.name}' is deprecated"
                    yield LintFinding(pair.origin or origin, message, "deprecated", is_warning=True)


def _names(element: Element) -> tuple[str, ...]:
    if isinstance(element, PropertySet):
        return _PROPERTIES
    if isinstance(element, Group):
        return _GROUP_META
    return _META if isinstance(element, MetaAttributes) and isinstance(element, NvSet) else ()
