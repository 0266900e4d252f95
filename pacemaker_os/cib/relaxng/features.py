"""The schema versions that introduced elements, attributes and values.

Source: the RELAX NG files of Pacemaker (xml/*.rng), up to 3.9. `Promoted` and `Unpromoted` are missing here,
because a CIB with an older schema receives the former names of roles (cib/schema.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pacemaker_os.cib.administration import (
    AclGroup,
    AclRole,
    AclTarget,
    Alert,
    FencingLevel,
    Select,
    Tag,
)
from pacemaker_os.cib.constraints import Colocation, Location, Order, ResourceSet
from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import NvSet
from pacemaker_os.cib.resources import Docker, Network, Operation, Podman, Rkt
from pacemaker_os.cib.rules import Expression, OperationExpression, ResourceExpression
from pacemaker_os.cib.table import layout
from pacemaker_os.dataclass import dataclass

Version = tuple[int, int]

_ELEMENTS: dict[type[Element], Version] = {
    Docker: (2, 8),
    Rkt: (2, 10),
    Podman: (3, 2),
    Alert: (2, 5),
    Select: (2, 10),
    Tag: (1, 3),
    AclRole: (2, 0),
    AclTarget: (2, 0),
    AclGroup: (2, 0),
    ResourceExpression: (3, 4),
    OperationExpression: (3, 4),
}
_ATTRIBUTES: dict[tuple[type[Element], str], Version] = {
    (Docker, "promoted_max"): (3, 0),
    (Rkt, "promoted_max"): (3, 0),
    (Network, "add_host"): (3, 0),
    (FencingLevel, "target_attribute"): (2, 4),
    (Location, "resource_discovery"): (2, 2),
    (Location, "rsc_pattern"): (2, 6),
    (Colocation, "influence"): (3, 6),
    (Expression, "value_source"): (2, 9),
    (AclTarget, "name"): (3, 8),
    (AclGroup, "name"): (3, 8),
    (ResourceSet, "kind"): (3, 0),
    (ResourceSet, "ordering"): (2, 1),
    (Order, "require_all"): (2, 3),
}
_VALUES: dict[tuple[type[Element], str, str], Version] = {
    (Operation, "on_fail", "demote"): (3, 4),
    (Expression, "type", "integer"): (3, 5),
}
#: The first schema in which the rule of a set of name-value pairs needs no score.
_RULE_WITHOUT_SCORE = (3, 9)


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature that an element uses: its key or element name, and the first schema with it."""

    element: Element
    name: str
    version: Version

    @property
    def schema(self) -> str:
        """The name of the schema, such as `pacemaker-3.6`."""
        return f"pacemaker-{self.version[0]}.{self.version[1]}"


def features_after(version: Version, elements: Iterable[Element]) -> Iterator[Feature]:
    """Yield what `elements` use that the schema `version` does not have.

    An element without a position of its own is replaced by the element that contains it.
    """
    for element in elements:
        yield from (each for each in _features(element, element) if each.version > version)


def _features(element: Element, positioned: Element) -> Iterator[Feature]:
    cls = type(element)
    positioned = element if element.origin is not None else positioned
    if cls in _ELEMENTS:
        yield Feature(positioned, f"<{element.tag}>", _ELEMENTS[cls])
    if isinstance(element, NvSet) and element.rule is not None:
        rule = element.rule
        if rule.score is None and rule.score_attribute is None and rule.id_ref is None:
            yield Feature(positioned, "a rule without a score", _RULE_WITHOUT_SCORE)
    for spec in layout(cls).attributes:
        value = getattr(element, spec.field)
        if value is None:
            continue
        if version := _ATTRIBUTES.get((cls, spec.field)):
            yield Feature(positioned, f"'{spec.key}'", version)
        if version := _VALUES.get((cls, spec.field, value)):
            yield Feature(positioned, f"'{spec.key}: {value}'", version)
    for kind in layout(cls).children:
        inner = getattr(element, kind.field)
        for child in inner if kind.many else (inner,) if inner is not None else ():
            yield from _features(child, positioned)
