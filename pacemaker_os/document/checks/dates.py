"""Check the dates, date ranges, date specifications and durations of rules.

Source: Pacemaker Explained, "Rules"; `pcmk__parse_ll_range()` and `pcmk__unpack_duration()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.resources import Operation
from pacemaker_os.cib.rules import DateExpression, DateSpec, Duration, Expression
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import integer
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.iso8601 import parse_moment
from pacemaker_os.document.checks.walk import all_elements

_EXAMPLE = "use an ISO 8601 date such as 2026-12-31 or 2026-12-31T18:00:00Z"
#: The smallest and the largest value of each unit in a date specification.
_LIMITS: dict[str, tuple[int, int | None]] = {
    "years": (1, None),
    "months": (1, 12),
    "monthdays": (1, 31),
    "hours": (0, 23),
    "minutes": (0, 59),
    "seconds": (0, 59),
    "yeardays": (1, 366),
    "weekyears": (1, None),
    "weeks": (1, 53),
    "weekdays": (1, 7),
    "moon": (0, 7),
}
_DURATIONS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")


def check_dates(cib: Cib) -> Iterator[LintFinding]:
    """Yield invalid dates and units, and date expressions that never match."""
    for element, origin in all_elements(cib):
        match element:
            case DateExpression():
                yield from _check_expression(element, origin)
            case DateSpec():
                yield from _check_spec(element, origin)
            case Duration():
                yield from _check_duration(element, origin)
            case Expression() if element.value is not None and element.value_source in (None, "literal"):
                yield from _check_typed(element, origin)
            case Operation() if element.interval_origin is not None:
                yield from _check_date("interval-origin", element.interval_origin, origin)


def _check_typed(element: Expression, origin: Origin) -> Iterator[LintFinding]:
    """Yield a value that is not of the type that a rule compares. Pacemaker would compare 0 instead."""
    read, expected = _TYPES.get(element.type or "", (str, ""))
    if read(element.value or "") is None:
        message = f"invalid value '{element.value}' of type '{element.type}' in a rule; use {expected}"
        yield LintFinding(origin, message, "wrong-value")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


#: Functions that read the values of typed expressions.
_TYPES: dict[str, tuple[Callable[[str], object], str]] = {
    "integer": (integer, "a whole number"),
    "number": (_number, "a number"),
}


def _check_date(key: str, text: str, origin: Origin) -> Iterator[LintFinding]:
    if parse_moment(text) is None:
        yield LintFinding(origin, f"invalid date '{text}' for '{key}'; {_EXAMPLE}", "wrong-date")


def _check_expression(element: DateExpression, origin: Origin) -> Iterator[LintFinding]:
    for key in ("start", "end"):
        if (text := getattr(element, key)) is not None:
            yield from _check_date(key, text, origin)
    start, end = (None if text is None else parse_moment(text) for text in (element.start, element.end))
    if element.operation == "in_range" and start and end and start.is_after(end):
        message = f"the range from {element.start} to {element.end} ends before it starts and never matches"
        yield LintFinding(origin, message, "never-matches", is_warning=True)
    if element.duration is not None and element.end is not None:
        message = "Pacemaker ignores the duration of a range that has an end"
        yield LintFinding(origin, message, "ignored", is_warning=True)


def _check_spec(element: DateSpec, origin: Origin) -> Iterator[LintFinding]:
    for unit, text in _units(element):
        if unit == "yearsdays":
            message = "Pacemaker ignores 'yearsdays', the name in its schema; it reads only 'yeardays'"
            yield LintFinding(origin, message, "ignored", is_warning=True)
        elif unit not in _LIMITS:
            message = f"a date specification has no unit '{unit}'; use one of {', '.join(_LIMITS)}"
            yield LintFinding(origin, message, "wrong-unit")
        else:
            yield from _check_range(unit, text, origin)
        if unit == "moon":
            yield LintFinding(origin, "'moon' is deprecated", "deprecated", is_warning=True)


def _check_range(unit: str, text: str, origin: Origin) -> Iterator[LintFinding]:
    limits = _parse_range(text)
    smallest, largest = _LIMITS[unit]
    if limits is None:
        message = f"invalid value '{text}' for '{unit}'; use a number, or a range such as 1-5, 1- or -5"
        yield LintFinding(origin, message, "wrong-value")
        return
    first, last = limits
    if first is not None and last is not None and first > last:
        message = f"the range {unit}={text} ends before it starts and never matches"
        yield LintFinding(origin, message, "never-matches", is_warning=True)
        return
    below = last is not None and last < smallest
    above = largest is not None and first is not None and first > largest
    allowed = f"{smallest} to {largest}" if largest is not None else f"{smallest} or more"
    if below or above:
        message = f"invalid value '{text}' for '{unit}'; use {allowed}"
        yield LintFinding(origin, message, "wrong-value")
    elif (first is not None and first < smallest) or (largest is not None and (last or 0) > largest):
        message = f"the range {unit}={text} contains values that never match; '{unit}' is {allowed}"
        yield LintFinding(origin, message, "never-matches", is_warning=True)


def _parse_range(text: str) -> tuple[int | None, int | None] | None:
    """Return the limits of a range (None: open), None if `text` is not a range."""
    if text.startswith("-"):
        last = integer(text[1:])
        return None if last is None else (None, last)
    match = re.fullmatch(r"(\s*[+-]?\d{1,18})(-)?(\s*[+-]?\d{1,18})?", text, re.ASCII)
    if match is None or (match[3] and not match[2]):
        return None
    first = int(match[1])
    if not match[2]:
        return first, first
    return first, int(match[3]) if match[3] else None


def _check_duration(element: Duration, origin: Origin) -> Iterator[LintFinding]:
    for unit, text in _units(element):
        if unit not in _DURATIONS:
            message = f"a duration has no unit '{unit}'; use one of {', '.join(_DURATIONS)}"
            yield LintFinding(origin, message, "wrong-unit")
        elif (number := integer(text)) is None or abs(number) >= 2**31:
            yield LintFinding(
                origin, f"invalid value '{text}' for '{unit}'; use a whole number", "wrong-value"
            )


def _units(element: Element) -> Iterator[tuple[str, str]]:
    for spec in layout(type(element)).attributes:
        if not spec.anonymous and (value := getattr(element, spec.field)) is not None:
            yield spec.key, value
