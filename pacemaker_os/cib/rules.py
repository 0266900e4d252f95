"""Rules: conditions of constraints and sets (Pacemaker Explained, "Rules").

A rule is a tree of expressions about node attributes, dates, resource agents and operations. Its owner
determines which expressions have a meaning.
"""

from __future__ import annotations

from typing import ClassVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.table import attr, child, children, generated_id, reference
from pacemaker_os.cib.values import DURATION, ROLE, SCORE, one_of
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression(Element):
    """A comparison of a node attribute."""

    tag: ClassVar[str] = "expression"

    id: str | None = generated_id()
    attribute: str | None = attr(required=True)
    operation: str | None = attr(
        one_of("lt", "gt", "lte", "gte", "eq", "ne", "defined", "not_defined"), required=True
    )
    value: str | None = attr()
    type: str | None = attr(one_of("string", "integer", "number", "version"))
    value_source: str | None = attr(one_of("literal", "param", "meta"), default="literal")


@dataclass(frozen=True, slots=True, kw_only=True)
class _TimeUnits(Element):
    """Units of time. Values are numbers; in a date_spec, also ranges (`9-17`)."""

    id: str | None = generated_id()
    years: str | None = attr()
    months: str | None = attr()
    weeks: str | None = attr()
    days: str | None = attr()
    hours: str | None = attr()
    minutes: str | None = attr()
    seconds: str | None = attr()
    monthdays: str | None = attr()
    yeardays: str | None = attr()
    # Schemas up to 3.x have this spelling; Pacemaker reads `yeardays`.
    yearsdays: str | None = attr()
    weekdays: str | None = attr()
    weekyears: str | None = attr()
    moon: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(_TimeUnits):
    """Length of a date range."""

    tag: ClassVar[str] = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateSpec(_TimeUnits):
    """A set of times, similar to a cron expression."""

    tag: ClassVar[str] = "date_spec"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateExpression(Element):
    """A comparison of the current time with ISO 8601 dates."""

    tag: ClassVar[str] = "date_expression"

    id: str | None = generated_id()
    operation: str | None = attr(one_of("in_range", "gt", "lt", "date_spec"), required=True)
    start: str | None = attr()
    end: str | None = attr()
    duration: Duration | None = child(Duration, key="duration")
    date_spec: DateSpec | None = child(DateSpec, key="date_spec")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceExpression(Element):
    """A match of a resource agent. It has a meaning only in resource and operation defaults."""

    tag: ClassVar[str] = "rsc_expression"

    id: str | None = generated_id()
    class_: str | None = attr(xml="class")
    provider: str | None = attr()
    type: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationExpression(Element):
    """A match of an operation by name and interval. It has a meaning only in operation defaults."""

    tag: ClassVar[str] = "op_expression"

    id: str | None = generated_id()
    name: str | None = attr(required=True)
    interval: str | None = attr(DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Element):
    """Expressions joined by `and`, or by `or` according to `boolean_op`."""

    tag: ClassVar[str] = "rule"

    id: str | None = generated_id()
    id_ref: str | None = reference()
    boolean_op: str | None = attr(one_of("and", "or"), default="and")
    role: str | None = attr(ROLE)
    score: str | None = attr(SCORE)
    score_attribute: str | None = attr()
    expressions: tuple[Element, ...] = children(
        Expression,
        DateExpression,
        ResourceExpression,
        OperationExpression,
        lambda: Rule,
        key="expressions",
        form="expressions",
        ordered=False,
    )
