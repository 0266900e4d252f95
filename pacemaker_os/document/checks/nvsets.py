"""Check name-value pairs and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pacemaker_os.cib import Cib, Element, Origin, names
from pacemaker_os.cib.administration import Alert, Recipient
from pacemaker_os.cib.meaning import known_names
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import (
    FIRST_PROPERTY_SET,
    MetaAttributes,
    NvSet,
    OperationDefaults,
    PropertySet,
    Utilization,
    ranked,
)
from pacemaker_os.cib.resources import Operation
from pacemaker_os.cib.rules import Expression, OperationExpression, ResourceExpression, Rule
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import integer, score
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements, origin_of
from pacemaker_os.text import did_you_mean


def check_nvsets(cib: Cib) -> Iterator[LintFinding]:
    """Yield missing and invalid values, unknown names, and rules and sets without effect."""
    yield from _check_precedence(cib)
    vocabularies = {
        id(nvset): vocabulary
        for owner, _ in all_elements(cib)
        if type(owner) in _VOCABULARIES
        for field, vocabulary in _VOCABULARIES[type(owner)].items()
        for nvset in getattr(owner, field)
    }
    for nvset, origin in all_elements(cib):
        if not isinstance(nvset, NvSet):
            continue
        seen: dict[str, Origin] = {}
        for pair in nvset.nvpairs:
            pair_origin = pair.origin or origin
            if pair.name is None or pair.id_ref is not None:
                continue
            if pair.value is None:
                message = f"'{pair.name}' has no value; Pacemaker ignores it"
                yield LintFinding(pair_origin, message, "no-value", is_warning=True)
                continue
            if pair.name in seen:
                message = f"'{pair.name}' is set twice in one set; Pacemaker uses the first value"
                yield LintFinding(pair_origin, message, "conflicting-values", is_warning=True)
            seen[pair.name] = pair_origin
            vocabulary = vocabularies.get(id(nvset)) or known_names(nvset)
            yield from _check_value(pair.name, pair.value, pair_origin, nvset, vocabulary)
        if nvset.rule is not None:
            yield from _check_rule(nvset.rule, nvset, origin)


def _check_precedence(cib: Cib) -> Iterator[LintFinding]:
    """Yield pairs of sets that a set without a rule always overrides.

    Of sets with equal scores, Pacemaker uses the values of the last one (`pe__unpack_dataset_nvpairs()`).
    """
    for sets in _lists_of_sets(cib):
        for winner, loser in combinations(ranked(sets), 2):
            if winner.rule is not None:
                continue
            winning = {pair.name: pair for pair in winner.nvpairs if pair.value is not None}
            for pair in loser.nvpairs:
                if pair.value is None or (other := winning.get(pair.name)) is None:
                    continue
                origin, place = pair.origin or origin_of(loser), other.origin or origin_of(winner)
                line = f"line {place.line}" if place.file == origin.file else f"{place.file}:{place.line}"
                message = (
                    f"'{pair.name}: {pair.value}' of this set has no effect: '{pair.name}: {other.value}' "
                    f"({line}) takes precedence, because its set {_advantage(winner, loser)}"
                )
                yield LintFinding(origin, message, "ignored", is_warning=True)


def _advantage(winner: NvSet, loser: NvSet) -> str:
    """Return why a set takes precedence, and what changes that."""
    if isinstance(winner, PropertySet) and winner.id in (None, FIRST_PROPERTY_SET):
        return f"is {FIRST_PROPERTY_SET}, which precedes every other set of properties"
    if _rank(winner) > _rank(loser):
        return "has a higher score"
    return "comes last of those with the same score; set a higher `score` here"


def _lists_of_sets(cib: Cib) -> Iterator[tuple[NvSet, ...]]:
    yield from (cib.property_sets, cib.resource_defaults, cib.operation_defaults)
    for element, _ in all_elements(cib):
        for kind in layout(type(element)).children:
            if kind.form == "nvsets":
                yield getattr(element, kind.field)


def _rank(nvset: NvSet) -> int:
    return score(nvset.score or "0") or 0


def _check_value(
    name: str, value: str, origin: Origin, nvset: NvSet, vocabulary: names.KnownNames
) -> Iterator[LintFinding]:
    if isinstance(nvset, Utilization) and integer(value) is None and not value.startswith("#"):
        message = f"invalid value '{value}' for '{name}'; Pacemaker uses 0 unless it is a whole number"
        yield LintFinding(origin, message, "wrong-value")
        return
    kind = vocabulary.kind(name)
    if kind is not None:
        if not kind.accepts(value) and not value.startswith("#"):
            near = did_you_mean(value, kind.choices)
            message = f"invalid value '{value}' for '{name}'; use {kind.expected}{near}"
            yield LintFinding(origin, message, "wrong-value")
    elif vocabulary not in _FREE and not name.startswith(("pcs-os", "remote-", "#")):
        known = [*vocabulary.kinds, *vocabulary.renamed, *_OTHER_NAMES]
        # Any name is valid, because agents and rules can use it. Report only probable misspellings.
        if name not in known and (near := did_you_mean(name, known)):
            message = f"unknown {_NOUNS.get(type(nvset), 'meta attribute')} '{name}'{near}"
            yield LintFinding(origin, message, "unknown-name", is_warning=True)


#: The names in the sets of elements that are not resources, by the field of the sets.
_VOCABULARIES: dict[type[Element], dict[str, names.KnownNames]] = {
    Node: {"instance_attributes": names.NODE_ATTRIBUTES},
    Operation: {"meta_attributes": names.OPERATION_OPTIONS},
    Alert: {"meta_attributes": names.ALERT_OPTIONS},
    Recipient: {"meta_attributes": names.ALERT_OPTIONS},
}

#: Sets in which people choose names themselves.
_FREE = (names.NO_NAMES, names.NODE_ATTRIBUTES)

#: What a name-value pair is called, by its set.
_NOUNS: dict[type[Element], str] = {PropertySet: "property", OperationDefaults: "operation option"}

#: Known names whose values are not checked.
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


def _check_rule(rule: Rule, owner: Element, origin: Origin) -> Iterator[LintFinding]:
    """Yield expressions and scores that have no effect in a rule of `owner`."""
    origin = rule.origin or origin
    if rule.score is not None or rule.score_attribute is not None:
        message = "rule scores apply only to location constraints; set the score of the set instead"
        yield LintFinding(origin, message, "ignored", is_warning=True)
    for expression in rule.expressions:
        match expression:
            case Rule():
                yield from _check_rule(expression, owner, origin)
            case ResourceExpression() if owner.section not in ("rsc_defaults", "op_defaults"):
                yield LintFinding(origin, "'resource' expressions apply only to defaults", "ignored")
            case OperationExpression() if owner.section != "op_defaults":
                yield LintFinding(origin, "'op' expressions apply only to operation defaults", "ignored")
            case Expression() if isinstance(owner, MetaAttributes) or owner.section in _NO_NODES:
                message = (
                    "Pacemaker 3 ignores node attributes in rules of meta attributes, properties and defaults"
                )
                yield LintFinding(origin, message, "ignored", is_warning=True)


_NO_NODES = ("crm_config", "rsc_defaults", "op_defaults")
