"""Check name-value pairs and their rules."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib, Element, Origin, names
from pacemaker_os.cib.meaning import words_of
from pacemaker_os.cib.nvsets import MetaAttributes, NvSet, OperationDefaults, PropertySet
from pacemaker_os.cib.rules import Expression, OperationExpression, ResourceExpression, Rule
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements
from pacemaker_os.text import did_you_mean


def check_nvsets(cib: Cib) -> Iterator[LintFinding]:
    """Yield missing and invalid values, unknown names, and rules without effect."""
    for nvset, origin in all_elements(cib):
        if not isinstance(nvset, NvSet):
            continue
        words = words_of(nvset)
        seen: dict[str, Origin] = {}
        for pair in nvset.nvpairs:
            here = pair.origin or origin
            if pair.name is None or pair.id_ref is not None:
                continue
            if pair.value is None:
                message = f"'{pair.name}' has no value; Pacemaker ignores it"
                yield LintFinding(here, message, "no-value", is_warning=True)
                continue
            if pair.name in seen:
                message = f"'{pair.name}' is set twice in one set; Pacemaker uses the first value"
                yield LintFinding(here, message, "said-twice", is_warning=True)
            seen[pair.name] = here
            yield from _value(pair.name, pair.value, here, words, nvset)
        if nvset.rule is not None:
            yield from _rule(nvset.rule, nvset, origin)


def _value(name: str, value: str, here: Origin, words: names.Words, nvset: NvSet) -> Iterator[LintFinding]:
    kind = words.kinds.get(words.current(name))
    if kind is not None:
        if not kind.accepts(value) and not value.startswith("#"):
            near = did_you_mean(value, kind.choices)
            message = f"invalid value '{value}' for '{name}'; use {kind.expected}{near}"
            yield LintFinding(here, message, "wrong-value")
    elif words is not names.NOTHING and not name.startswith(("pcs-os", "remote-", "#")):
        known = [*words.kinds, *words.renamed, *_OTHER_NAMES]
        # Any name is valid, because agents and rules can use it. Report only probable misspellings.
        if name not in known and (near := did_you_mean(name, known)):
            message = f"unknown {_NOUNS.get(type(nvset), 'meta attribute')} '{name}'{near}"
            yield LintFinding(here, message, "unknown-name", is_warning=True)


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


def _rule(rule: Rule, owner: Element, origin: Origin) -> Iterator[LintFinding]:
    """Yield expressions and scores that have no effect in a rule of `owner`."""
    here = rule.origin or origin
    if rule.score is not None or rule.score_attribute is not None:
        message = "rule scores apply only to location constraints; set the score of the set instead"
        yield LintFinding(here, message, "ignored", is_warning=True)
    for expression in rule.expressions:
        match expression:
            case Rule():
                yield from _rule(expression, owner, here)
            case ResourceExpression() if owner.section not in ("rsc_defaults", "op_defaults"):
                yield LintFinding(here, "'resource' expressions apply only to defaults", "ignored")
            case OperationExpression() if owner.section != "op_defaults":
                yield LintFinding(here, "'op' expressions apply only to operation defaults", "ignored")
            case Expression() if isinstance(owner, MetaAttributes) or owner.section in _NO_NODES:
                message = (
                    "Pacemaker 3 ignores node attributes in rules of meta attributes, properties and defaults"
                )
                yield LintFinding(here, message, "ignored", is_warning=True)


_NO_NODES = ("crm_config", "rsc_defaults", "op_defaults")
