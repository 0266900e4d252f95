"""Checks of name-value pairs and their rules."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib, Element, Origin, names
from pacemaker_os.cib.meaning import words_of
from pacemaker_os.cib.nvsets import MetaAttributes, NvSet
from pacemaker_os.cib.rules import Expression, OperationExpression, ResourceExpression, Rule
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements
from pacemaker_os.text import did_you_mean


def check_nvsets(cib: Cib) -> Iterator[LintFinding]:
    """Pairs without a value, values of the wrong kind, names that nobody knows, rules that cannot hold."""
    for nvset, origin, _ in all_elements(cib):
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
                yield LintFinding(here, said, "no-value", is_warning=True)
                continue
            if pair.name in seen:
                said = f"'{pair.name}' is said twice in one set; Pacemaker takes the first"
                yield LintFinding(here, said, "said-twice", is_warning=True)
            seen[pair.name] = here
            yield from _value(pair.name, pair.value, here, words, nvset)
        if nvset.rule is not None:
            yield from _rule(nvset.rule, nvset, origin)


def _value(name: str, value: str, here: Origin, words: names.Words, nvset: NvSet) -> Iterator[LintFinding]:
    kind = words.kinds.get(words.current(name))
    if kind is not None:
        if not kind.accepts(value) and not value.startswith("#"):
            near = did_you_mean(value, kind.choices)
            yield LintFinding(
                here, f"'{name}' cannot be '{value}'; it must be {kind.expected}{near}", "wrong-value"
            )
    elif words is not names.NOTHING and not name.startswith(("pcs-os", "remote-", "#")):
        known = [*words.kinds, *words.renamed, *_OTHER_NAMES]
        # Any name may be said, for agents and rules; only what looks like a slip is worth a word.
        if name not in known and (near := did_you_mean(name, known)):
            yield LintFinding(here, f"Pacemaker knows no '{name}'{near}", "unknown-name", is_warning=True)


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


def _rule(rule: Rule, owner: Element, origin: Origin) -> Iterator[LintFinding]:
    """Expressions that mean nothing where they stand, and scores that nobody reads."""
    here = rule.origin or origin
    if rule.score is not None or rule.score_attribute is not None:
        said = "a rule's score counts in location constraints alone; say the set's score"
        yield LintFinding(here, said, "ignored", is_warning=True)
    for expression in rule.expressions:
        match expression:
            case Rule():
                yield from _rule(expression, owner, here)
            case ResourceExpression() if owner.section not in ("rsc_defaults", "op_defaults"):
                yield LintFinding(here, "'resource' in a rule holds in defaults alone", "ignored")
            case OperationExpression() if owner.section != "op_defaults":
                yield LintFinding(here, "'op' in a rule holds in operation defaults alone", "ignored")
            case Expression() if isinstance(owner, MetaAttributes) or owner.section in _NO_NODES:
                said = (
                    "Pacemaker 3 ignores node attributes in rules of meta attributes, properties and defaults"
                )
                yield LintFinding(here, said, "ignored", is_warning=True)


_NO_NODES = ("crm_config", "rsc_defaults", "op_defaults")
