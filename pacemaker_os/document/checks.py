"""What the schema lets through but Pacemaker refuses, ignores, or does otherwise than its author thinks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pacemaker_os.cib import Cib, Element, Origin, names
from pacemaker_os.cib.constraints import Colocation, Location, Order
from pacemaker_os.cib.meaning import words_of
from pacemaker_os.cib.nvsets import MetaAttributes, NvSet
from pacemaker_os.cib.resources import Bundle, Clone, Group, Operation, Primitive, Template
from pacemaker_os.cib.rules import Expression, OperationExpression, ResourceExpression, Rule
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import boolean, milliseconds, role, score
from pacemaker_os.document.cycles import cycles
from pacemaker_os.document.finding import START, Finding
from pacemaker_os.text import did_you_mean


def check(cib: Cib) -> list[Finding]:
    """Return everything that is found, in no order."""
    return [
        *_sets(cib),
        *_operations(cib),
        *_promotables(cib),
        *_locations(cib),
        *_ends(cib),
        *cycles(cib),
        *_advice(cib),
    ]


def _walk(elements: Iterable[Element], owner: Origin, above: Element | None) -> Iterator[Any]:
    """Yield (element, its place, its owner)."""
    for element in elements:
        here = element.origin or owner
        yield element, here, above
        for kind in layout(type(element)).children:
            value = getattr(element, kind.field)
            if value:
                yield from _walk(value if kind.many else (value,), here, element)


def _all(cib: Cib) -> Iterator[tuple[Any, Origin, Any]]:
    return _walk(cib.objects(), START, None)


def _sets(cib: Cib) -> Iterator[Finding]:
    """Pairs without a value, values of the wrong kind, names that nobody knows, rules that cannot hold."""
    for nvset, origin, _ in _all(cib):
        if not isinstance(nvset, NvSet):
            continue
        words = words_of(nvset)
        seen: dict[str, Origin] = {}
        for pair in nvset.nvpairs:
            here = pair.origin or origin
            if pair.name is None or pair.id_ref is not None:
                continue
            if pair.value is None:
                said = f"'{pair.name}' has no value, so Pacemaker passes it over"
                yield Finding(here, said, "no-value", advice=True)
                continue
            if pair.name in seen:
                said = f"'{pair.name}' is said twice in one set; Pacemaker takes the first"
                yield Finding(here, said, "said-twice", advice=True)
            seen[pair.name] = here
            yield from _value(pair.name, pair.value, here, words, nvset)
        if nvset.rule is not None:
            yield from _rule(nvset.rule, nvset, origin)


def _value(name: str, value: str, here: Origin, words: names.Words, nvset: NvSet) -> Iterator[Finding]:
    kind = words.kinds.get(words.current(name))
    if kind is not None:
        if not kind.accepts(value) and not value.startswith("#"):
            near = did_you_mean(value, kind.choices)
            yield Finding(
                here, f"'{name}' cannot be '{value}'; it must be {kind.expected}{near}", "wrong-value"
            )
    elif words is not names.NOTHING and not name.startswith(("pcs-os", "remote-", "#")):
        known = [*words.kinds, *words.renamed, *_OTHER_NAMES]
        # Any name may be said, for agents and rules; only what looks like a slip is worth a word.
        if name not in known and (near := did_you_mean(name, known)):
            yield Finding(here, f"Pacemaker knows no '{name}'{near}", "unknown-name", advice=True)


#: Names without a kind of their own.
_OTHER_NAMES = (
    "cluster-name",
    "cluster-infrastructure",
    "dc-version",
    "last-lrm-refresh",
    "resource-stickiness",
    "default-resource-stickiness",
    "node-health-strategy",
    "resource-discovery-enabled",
    "pcmk_monitor_timeout",
    "provides",
    "external-ip",
    "container-attribute-target",
    "default",
)


def _rule(rule: Rule, owner: Element, origin: Origin) -> Iterator[Finding]:
    """Expressions that mean nothing where they stand, and scores that nobody reads."""
    here = rule.origin or origin
    if rule.score is not None or rule.score_attribute is not None:
        said = "a rule's score counts in location constraints alone; say the set's score"
        yield Finding(here, said, "ignored", advice=True)
    for expression in rule.expressions:
        match expression:
            case Rule():
                yield from _rule(expression, owner, here)
            case ResourceExpression() if owner.section not in ("rsc_defaults", "op_defaults"):
                yield Finding(here, "'resource' in a rule holds in defaults alone", "ignored")
            case OperationExpression() if owner.section != "op_defaults":
                yield Finding(here, "'op' in a rule holds in operation defaults alone", "ignored")
            case Expression() if isinstance(owner, MetaAttributes) or owner.section in _NO_NODES:
                said = (
                    "Pacemaker 3 ignores node attributes in rules of meta attributes, properties and defaults"
                )
                yield Finding(here, said, "ignored", advice=True)


_NO_NODES = ("crm_config", "rsc_defaults", "op_defaults")


def _operations(cib: Cib) -> Iterator[Finding]:
    """Recurring operations that Pacemaker cannot tell apart: it runs one and ignores the other."""
    for resource, origin, _ in _all(cib):
        if not isinstance(resource, Primitive | Template) or resource.operations is None:
            continue
        seen: dict[tuple[str, float], Operation] = {}
        for operation in resource.operations.operations:
            key = (operation.name or "", milliseconds(operation.interval or "0") or 0)
            if key in seen and key[1]:
                said = (
                    f"'{resource.id}' has two operations '{operation.name}' of the interval "
                    f"{operation.interval}; Pacemaker ignores the second, so give them different intervals"
                )
                yield Finding(operation.origin or origin, said, "interval-clash")
            seen[key] = operation


def _is_promotable(clone: Clone) -> bool:
    return any(
        pair.name == "promotable" and boolean(pair.value or "")
        for nvset in clone.meta_attributes
        for pair in nvset.nvpairs
    )


def _promotables(cib: Cib) -> Iterator[Finding]:
    """A promotable clone whose promoted instance nobody watches; promotion of what cannot be promoted."""
    promotable: set[str] = set()
    plain: set[str] = set()
    for resource in cib.resources:
        if isinstance(resource, Bundle) or not isinstance(resource, Clone):
            continue
        (promotable if _is_promotable(resource) else plain).add(resource.id or "")
        child = resource.child
        if not _is_promotable(resource):
            for nvset in resource.meta_attributes:
                for pair in nvset.nvpairs:
                    if pair.name in ("promoted-max", "promoted-node-max", "master-max", "master-node-max"):
                        said = f"'{pair.name}' counts for promotable clones alone; say `promotable:`"
                        yield Finding(pair.origin or _place(resource), said, "ignored", advice=True)
        elif isinstance(child, Primitive) and child.operations is not None:
            monitors = [each for each in child.operations.operations if each.name == "monitor"]
            if monitors and not any(role(each.role or "") == "Promoted" for each in monitors):
                said = f"nobody watches the promoted '{child.id}': it has no monitor with `role: Promoted`"
                yield Finding(_place(resource), said, "no-promoted-monitor", advice=True)
    singles = {each.id or "" for each in cib.resources if isinstance(each, Primitive | Group)}
    never = plain | singles
    for constraint in cib.constraints:
        for name, word in _promotions(constraint):
            if name in never:
                said = f"'{name}' is never promoted, so a constraint that says '{word}' of it does nothing"
                yield Finding(_place(constraint), said, "never-promoted")


def _promotions(constraint: Element) -> Iterator[tuple[str, str]]:
    """Yield resources that a constraint wants promoted, demoted, or in a promoted role."""
    if isinstance(constraint, Order):
        for name, action in (
            (constraint.first, constraint.first_action),
            (constraint.then, constraint.then_action),
        ):
            if name and action in ("promote", "demote"):
                yield name, action
    elif isinstance(constraint, Colocation):
        for name, word in (
            (constraint.rsc, constraint.rsc_role),
            (constraint.with_rsc, constraint.with_rsc_role),
        ):
            if name and role(word or "") == "Promoted":
                yield name, word or ""
    elif isinstance(constraint, Location) and constraint.rsc and role(constraint.role or "") == "Promoted":
        yield constraint.rsc, constraint.role or ""


def _locations(cib: Cib) -> Iterator[Finding]:
    """Nodes that the document does not name, though it names nodes."""
    known = {node.uname for node in cib.nodes if node.uname}
    hosts = {each.id for each, _, _ in _all(cib) if isinstance(each, Primitive)}
    for constraint in cib.constraints:
        if not isinstance(constraint, Location) or constraint.node is None or not known:
            continue
        near = did_you_mean(constraint.node, known)
        if constraint.node not in known and constraint.node not in hosts:
            said = f"'nodes' has no '{constraint.node}'{near}"
            yield Finding(_place(constraint), said, "unknown-node", advice=not near)


def _ends(cib: Cib) -> Iterator[Finding]:
    """Constraints of a resource with itself, and colocations that weigh nothing."""
    for constraint in cib.constraints:
        if isinstance(constraint, Order) and constraint.first is not None:
            same = constraint.first == constraint.then
            if same and constraint.first_action == constraint.then_action:
                yield Finding(_place(constraint), f"'{constraint.first}' cannot wait for itself", "itself")
        if isinstance(constraint, Colocation):
            if constraint.rsc is not None and constraint.rsc == constraint.with_rsc:
                said = f"'{constraint.rsc}' is always where it is"
                yield Finding(_place(constraint), said, "itself")
            if not constraint.sets and score(constraint.score or "0") == 0:
                said = "a colocation with no score, or the score 0, does nothing"
                yield Finding(_place(constraint), said, "ignored", advice=True)


def _advice(cib: Cib) -> Iterator[Finding]:
    """Properties whose values have cost people their night."""
    for nvset in cib.property_sets:
        for pair in nvset.nvpairs:
            here = pair.origin or _place(nvset)
            name, value = names.PROPERTIES.current(pair.name or ""), pair.value or ""
            if name == "no-quorum-policy" and value == "ignore":
                said = "without quorum both halves of a split cluster run everything; say `stop`"
                yield Finding(here, said, "no-quorum", advice=True)
            elif name == "fencing-enabled" and boolean(value) is False:
                said = f"`{pair.name}: {value}` lets a hung node keep disks and addresses that others take"
                yield Finding(here, said, "no-fencing", advice=True)
            elif name == "cluster-recheck-interval" and 0 < (milliseconds(value) or 0) < 60_000:
                said = (
                    f"the cluster would think everything over each {value}; failure-timeout does not need it"
                )
                yield Finding(here, said, "recheck", advice=True)


def _place(element: Element) -> Origin:
    return element.origin or START
