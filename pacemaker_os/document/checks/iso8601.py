"""Dates as Pacemaker reads them: ISO 8601, and everything else that its parser accepts.

Source: `parse_date()` in Pacemaker's lib/common/iso8601.c. It reads `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-DDD` and
`YYYY-Www-D`, followed by a blank or `T` and a time, and a time alone for the current day.
"""

from __future__ import annotations

import re

from pacemaker_os.dataclass import dataclass

_DAY = 86_400
_LARGEST = 2**31 - 1
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date with its time.

    `seconds` count from the year 1, or are None for a time of the current day. They are in UTC unless
    `is_local`: without an offset, a time is in the time zone of the node.
    """

    seconds: int | None
    is_local: bool = False

    def is_after(self, other: Moment) -> bool:
        """Return whether this moment is after `other` in every time zone."""
        if self.seconds is None or other.seconds is None:
            return False
        uncertain = 0 if self.is_local == other.is_local else 15 * 3600
        return self.seconds > other.seconds + uncertain


def parse_moment(text: str) -> Moment | None:
    """Return the moment of a date, or None if Pacemaker rejects it."""
    if text.startswith("T") or text[2:3] == ":":
        time = _parse_time(text.removeprefix("T"))
        return None if time is None else Moment(None)
    if re.match(r"epoch(?:$|[/\s])", text, re.IGNORECASE):
        return Moment(_days_before(1970) * _DAY)
    days = _parse_days(text)
    if days is None:
        return None
    rest = text.lstrip("0123456789-W")
    if rest[:1] not in (" ", "T"):
        return Moment(days * _DAY)
    time = _parse_time(rest[1:])
    if time is None:
        return None
    seconds, offset = time
    return Moment(days * _DAY + seconds - (offset or 0), offset is None)


def _parse_days(text: str) -> int | None:
    """Return the days before a date since the year 1, None if the date is invalid."""
    parts = _scan(text, 0, "-", 0, "-", 0)
    if len(parts) == 1:
        parts = _scan(text, 4, 2, 2)
    if len(parts) == 3:
        year, month, day = parts
        valid = _is_year(year) and 1 <= month <= 12 and 1 <= day <= _days_in(year, month)
        if not valid:
            return None
        return _days_before(year) + sum(_days_in(year, each) for each in range(1, month)) + day - 1
    parts = _scan(text, 0, "-", 0)
    if len(parts) == 2:
        year, day = parts
        return _days_before(year) + day - 1 if _is_year(year) and 1 <= day <= _days_of(year) else None
    parts = _scan(text, 0, "-W", 0, "-", 0)
    if len(parts) == 3:
        year, week, day = parts
        if not (_is_year(year) and 1 <= week <= _weeks_of(year) and 1 <= day <= 7):
            return None
        first = _days_before(year)
        monday = first - first % 7 if first % 7 <= 3 else first - first % 7 + 7
        return monday + (week - 1) * 7 + day - 1
    return None


def _parse_time(text: str) -> tuple[int, int | None] | None:
    """Return the seconds of a time and its offset from UTC, None if the time is invalid.

    The offset is None if it is the local one, or if only some versions of Pacemaker read it: version 2.1.5
    requires a blank before it, and reads nothing after the `T` as midnight.
    """
    seconds = _parse_hms(text) if text.strip() else 0
    if seconds is None:
        return None
    match = re.search("Z.*", text, re.DOTALL) or re.search("[ +-].*", text, re.DOTALL)
    if match is None:
        return seconds, None
    offset = match[0].lstrip()
    if not re.match(r"[+\-0-9]", offset):
        return seconds, 0
    value = _parse_hms(offset.removeprefix("+").removeprefix("-"))
    if not match[0].startswith(" "):
        return seconds, None
    if value is None:
        return None
    return seconds, -value if offset.startswith("-") else value


def _parse_hms(text: str) -> int | None:
    parts = _scan(text, 0, ":", 0, ":", 0)
    if len(parts) == 1:
        parts = _scan(text, 2, 2, 2)
    if not parts:
        return None
    hour, minute, second = (*parts, 0, 0)[:3]
    midnight = (hour, minute, second) == (24, 0, 0)
    if not midnight and not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return None
    return (hour * 60 + minute) * 60 + second


def _scan(text: str, *items: int | str) -> list[int]:
    """Return the numbers that C's `sscanf` reads; items are literal text, or widths of `%u` (0: any)."""
    found: list[int] = []
    for item in items:
        if isinstance(item, str):
            if not text.startswith(item):
                break
            text = text.removeprefix(item)
            continue
        text = text.lstrip(" \t\n\v\f\r")
        match = re.match(r"[+-]?[0-9]+", text[: item or None])
        if match is None:
            break
        # int() rejects very long numbers. They are too large in any case.
        found.append(int(match[0]) if len(match[0]) <= 20 else _LARGEST + 1)
        text = text[match.end() :]
    return found


def _is_year(year: int) -> bool:
    return 1 <= year <= _LARGEST


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_of(year: int) -> int:
    return 366 if _is_leap(year) else 365


def _days_in(year: int, month: int) -> int:
    return 29 if month == 2 and _is_leap(year) else _MONTHS[month - 1]


def _days_before(year: int) -> int:
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400


def _weeks_of(year: int) -> int:
    """Return the number of ISO weeks: 53 if the year begins on Thursday, or on Wednesday in a leap year."""
    weekday = _days_before(year) % 7
    return 53 if weekday == 3 or (weekday == 2 and _is_leap(year)) else 52
