"""Durations as Pacemaker reads them: a number with a unit everywhere, ISO 8601 only as an interval.

Source: Pacemaker Explained, "Value types": *timeout* and *duration*. Pacemaker parses a timeout with
`crm_get_msec()` (2.1) or `pcmk__parse_ms()` (3), and an interval with `crm_parse_interval_spec()` or
`pcmk_parse_interval_spec()`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable

from pacemaker_os.dataclass import dataclass

_UNITS_MS = {
    "": 1000.0,
    "s": 1000.0,
    "sec": 1000.0,
    "m": 60_000.0,
    "min": 60_000.0,
    "h": 3_600_000.0,
    "hr": 3_600_000.0,
    "ms": 1.0,
    "msec": 1.0,
    "us": 0.001,
    "usec": 0.001,
    **dict.fromkeys(("second", "seconds"), 1000.0),
    **dict.fromkeys(("minute", "minutes"), 60_000.0),
    **dict.fromkeys(("hour", "hours"), 3_600_000.0),
}
_TIMEOUT = re.compile(r"\s*(\d+)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)
_ISO = re.compile(r"P(?:T?[+-]?\d+[YMWDHS])*T?\s*", re.ASCII)
_ISO_PART = re.compile(r"(T)|([+-]?\d+)([YMWDHS])", re.ASCII)
#: Seconds of a unit. Pacemaker counts 365 days in a year and 30 in a month.
_DAY = 86_400
_ISO_SECONDS = {"Y": 365 * _DAY, "M": 30 * _DAY, "W": 7 * _DAY, "D": _DAY, "H": 3600, "minutes": 60, "S": 1}
#: Longer texts are not durations; int() rejects very long numbers.
_MAX_LENGTH = 40


@dataclass(frozen=True, slots=True)
class _IsoDuration:
    """An ISO 8601 duration; `has_date` when it contains years, months, weeks or days."""

    seconds: int
    has_date: bool


def timeout(text: str) -> float | None:
    """Return a timeout in ms (`10s`, `5min`, `500ms`), or None if `text` is not a timeout."""
    match = _TIMEOUT.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    unit = _UNITS_MS.get(match[2].lower()) if match else None
    return None if match is None or unit is None else int(match[1]) * unit


def signed_timeout(text: str) -> float | None:
    """Return a timeout in ms, -1 for any negative one, or None if `text` is neither."""
    if text.startswith("-"):
        return None if timeout(text[1:]) is None else -1.0
    return timeout(text)


def milliseconds(text: str) -> float | None:
    """Return an interval in ms: a timeout, or an ISO 8601 duration (`PT1H`, `P1Y`); None for other texts."""
    iso = _parse_iso(text)
    return timeout(text) if iso is None else iso.seconds * 1000.0


def interval(text: str) -> Hashable | None:
    """Return the meaning of an interval, or None if `text` is not one.

    Versions of Pacemaker before 2.1.6 read a duration with days as one day less. Such a duration therefore
    equals only itself, and never `24h`.
    """
    iso = _parse_iso(text)
    if iso is None:
        return timeout(text)
    return ("ISO 8601", text.strip()) if iso.has_date else iso.seconds * 1000.0


def _parse_iso(text: str) -> _IsoDuration | None:
    """Return an ISO 8601 duration; without a `T` before it, `M` stands for months."""
    if len(text) > _MAX_LENGTH or not _ISO.fullmatch(text):
        return None
    seconds, after_t, has_date = 0, False, False
    for separator, number, unit in _ISO_PART.findall(text):
        if separator:
            after_t = True
            continue
        name = "minutes" if unit == "M" and after_t else unit
        has_date = has_date or name in ("Y", "M", "W", "D")
        seconds += int(number) * _ISO_SECONDS[name]
    return _IsoDuration(seconds, has_date) if seconds > 0 else None
