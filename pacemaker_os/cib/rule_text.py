"""A rule in one line, in the words that pcs uses: `osprole eq controller and date gt 2026-01-01`."""

from __future__ import annotations

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.rules import (
    DateExpression,
    DateSpec,
    Duration,
    Expression,
    OperationExpression,
    ResourceExpression,
    Rule,
)
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.words import quote


def rule_text(rule: Rule) -> str:
    """Return what must hold, without the rule's own score and role."""
    joint = f" {rule.boolean_op or 'and'} "
    return joint.join(_part(expression) for expression in rule.expressions)


def _part(expression: Element) -> str:
    match expression:
        case Rule():
            return f"({rule_text(expression)})"
        case Expression(operation="defined" | "not_defined"):
            return f"{expression.operation} {quote(expression.attribute)}"
        case Expression():
            return " ".join(
                quote(word)
                for word in (
                    expression.attribute,
                    expression.operation,
                    expression.type,
                    expression.value_source,
                    expression.value,
                )
                if word is not None
            )
        case DateExpression():
            return _date(expression)
        case ResourceExpression():
            parts = (expression.class_, expression.provider, expression.type)
            return "resource " + ":".join(part or "" for part in parts)
        case OperationExpression():
            interval = f" interval={expression.interval}" if expression.interval else ""
            return f"op {expression.name}{interval}"
    return expression.tag


def _date(expression: DateExpression) -> str:
    match expression.operation:
        case "gt":
            return f"date gt {quote(expression.start)}"
        case "lt":
            return f"date lt {quote(expression.end)}"
        case "date_spec" if expression.date_spec:
            return f"date-spec {_units(expression.date_spec)}"
    start = f" {quote(expression.start)}" if expression.start else ""
    end = f"duration {_units(expression.duration)}" if expression.duration else quote(expression.end)
    return f"date in_range{start} to {end}"


def _units(units: Duration | DateSpec) -> str:
    said = ((spec.xml, getattr(units, spec.field)) for spec in layout(type(units)).attributes)
    return " ".join(f"{name}={value}" for name, value in said if value is not None and name != "id")
