"""Rules on one line.

    RULE   = PART (and PART)* | PART (or PART)*
    PART   = ( RULE ) | defined NAME | not_defined NAME
           | NAME lt|gt|lte|gte|eq|ne [string|integer|number|version] [literal|param|meta] VALUE
           | date gt|lt DATE | date in_range [DATE] to DATE|duration UNIT=N ... | date-spec UNIT=N ...
           | resource CLASS:PROVIDER:TYPE | op NAME [interval=TIME]

`and` binds tighter than `or`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib import Element, Origin
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
from pacemaker_os.dataclass import dataclass
from pacemaker_os.document.oneline.lexer import Line, LineError, quote
from pacemaker_os.text import did_you_mean

#: Maximum nesting depth of brackets.
MAX_DEPTH = 30

_COMPARISONS = ("lt", "gt", "lte", "gte", "eq", "ne")
_TYPES = ("string", "integer", "number", "version")
_SOURCES = ("literal", "param", "meta")


def parse_rule(text: str, origin: Origin | None) -> Rule:
    """Return the rule that `text` expresses. Raises LineError."""
    line = Line(text)
    rule = _Parser(line, origin).rule()
    if line:
        raise line.error("expected 'and', 'or' or the end of the line")
    return rule


@dataclass(frozen=True, slots=True)
class _Parser:
    line: Line
    origin: Origin | None
    depth: int = 0

    def rule(self) -> Rule:
        parts = [self._conjunction()]
        while self.line.take("or"):
            parts.append(self._conjunction())
        return self._combine("or", parts)

    def _conjunction(self) -> Element:
        parts = [self._part()]
        while self.line.take("and"):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else self._combine("and", parts)

    def _combine(self, operator: str, parts: list[Element]) -> Rule:
        if len(parts) == 1:
            only = parts[0]
            if isinstance(only, Rule):
                return only
            return Rule(expressions=(only,), origin=self.origin)
        return Rule(boolean_op=operator, expressions=tuple(parts), origin=self.origin)

    def _part(self) -> Element:
        line = self.line
        if line.take("("):
            if self.depth >= MAX_DEPTH:
                raise line.error(f"expected at most {MAX_DEPTH} nested brackets")
            inner = replace(self, depth=self.depth + 1).rule()
            line.expect(")")
            return inner
        if (operation := line.peek()) in ("defined", "not_defined"):
            line.take(operation or "")
            return Expression(attribute=line.name("an attribute"), operation=operation, origin=self.origin)
        following = line.peek(1)
        if line.peek() == "date" and following in ("gt", "lt", "in_range"):
            line.take("date")
            return self._date()
        if following not in _COMPARISONS:
            if line.take("date-spec"):
                spec = DateSpec(**self._units(DateSpec))
                return DateExpression(operation="date_spec", date_spec=spec, origin=self.origin)
            if line.take("resource"):
                return self._agent()
            if line.take("op"):
                return self._operation()
        return self._comparison()

    def _comparison(self) -> Expression:
        line = self.line
        attribute = line.name("an attribute")
        if line.peek() not in _COMPARISONS:
            near = did_you_mean(line.peek() or "", _COMPARISONS)
            raise line.error(f"expected a comparison ({', '.join(_COMPARISONS)})", near)
        operation = line.expect(*_COMPARISONS)
        # A word is a type or source only if a value follows it.
        kind = line.take(*_TYPES) if self._value_follows(1) else None
        source = line.take(*_SOURCES) if self._value_follows(1) else None
        return Expression(
            attribute=attribute,
            operation=operation,
            type=kind,
            value_source=source,
            value=line.name("a value"),
            origin=self.origin,
        )

    def _value_follows(self, ahead: int) -> bool:
        return self.line.has(ahead) and self.line.peek(ahead) not in ("and", "or", ")")

    def _date(self) -> DateExpression:
        line = self.line
        operation = line.expect("gt", "lt", "in_range")
        if operation == "gt":
            return DateExpression(operation="gt", start=line.name("a date"), origin=self.origin)
        if operation == "lt":
            return DateExpression(operation="lt", end=line.name("a date"), origin=self.origin)
        start = None if line.peek() == "to" else line.name("a date")
        line.expect("to")
        if line.take("duration"):
            duration = Duration(**self._units(Duration))
            return DateExpression(operation="in_range", start=start, duration=duration, origin=self.origin)
        return DateExpression(
            operation="in_range", start=start, end=line.name("a date or 'duration'"), origin=self.origin
        )

    def _units(self, cls: type[Element]) -> dict[str, Any]:
        known = {spec.xml: spec.field for spec in layout(cls).attributes if spec.xml != "id"}
        found: dict[str, str] = {}
        while "=" in (word := self.line.peek() or ""):
            name, value = word.split("=", 1)
            if name not in known:
                raise self.line.error("expected a unit of time", did_you_mean(name, known))
            self.line.take(word)
            found[known[name]] = value
        if not found:
            raise self.line.error("expected a unit of time such as hours=9-17")
        return found

    def _agent(self) -> ResourceExpression:
        column = self.line.column
        parts = self.line.name("an agent").split(":")
        if len(parts) != 3:
            raise LineError("expected CLASS:PROVIDER:TYPE; each part can be empty", column)
        class_, provider, type_ = (part or None for part in parts)
        return ResourceExpression(class_=class_, provider=provider, type=type_, origin=self.origin)

    def _operation(self) -> OperationExpression:
        name = self.line.name("an operation")
        word = self.line.peek() or ""
        interval = None
        if word.startswith("interval="):
            self.line.take(word)
            interval = word.removeprefix("interval=")
        return OperationExpression(name=name, interval=interval, origin=self.origin)


def format_rule(rule: Rule) -> str:
    """Return the expressions of a rule as a line, without its score and role."""
    separator = f" {rule.boolean_op or 'and'} "
    return separator.join(_format_part(expression) for expression in rule.expressions)


def _format_part(expression: Element) -> str:
    match expression:
        case Rule():
            return f"({format_rule(expression)})"
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
            return _format_date(expression)
        case ResourceExpression():
            parts = (expression.class_, expression.provider, expression.type)
            return "resource " + ":".join(part or "" for part in parts)
        case OperationExpression():
            interval = f" interval={expression.interval}" if expression.interval else ""
            return f"op {expression.name}{interval}"
    return expression.tag


def _format_date(expression: DateExpression) -> str:
    match expression.operation:
        case "gt":
            return f"date gt {quote(expression.start)}"
        case "lt":
            return f"date lt {quote(expression.end)}"
        case "date_spec" if expression.date_spec:
            return f"date-spec {_format_units(expression.date_spec)}"
    start = f" {quote(expression.start)}" if expression.start else ""
    end = f"duration {_format_units(expression.duration)}" if expression.duration else quote(expression.end)
    return f"date in_range{start} to {end}"


def _format_units(units: Duration | DateSpec) -> str:
    values = ((spec.xml, getattr(units, spec.field)) for spec in layout(type(units)).attributes)
    return " ".join(f"{name}={value}" for name, value in values if value is not None and name != "id")
