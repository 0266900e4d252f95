"""The next time at which a rule with dates may change its result."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lxml import etree

from pacemaker_os.document.checks.iso8601 import parse_moment

#: Units of a date specification that are shorter than a day, with the time between two changes, and the time
#: that is searched.
_STEPS = (
    ("seconds", timedelta(seconds=1), timedelta(minutes=2)),
    ("minutes", timedelta(minutes=1), timedelta(hours=3)),
    ("hours", timedelta(hours=1), timedelta(days=3)),
)

#: Days that are searched for the next day with another result.
_DAYS = 800


def next_change(rule: etree._Element, now: datetime) -> datetime | None:
    """Return the next time at which one of the dates in an element changes its result, or None.

    A date specification refers to the time zone of `now`, which must be that of the nodes.
    """
    found = [each for date in rule.iter("date_expression") for each in _changes(date, now)]
    return min((each for each in found if each > now), default=None)


def _changes(date: etree._Element, now: datetime) -> Iterator[datetime]:
    for name in ("start", "end"):
        if (moment := _moment(date.get(name), now)) is not None:
            yield moment
    start, duration = _moment(date.get("start"), now), date.find("duration")
    if start is not None and duration is not None:
        yield _after(start, duration)
    for spec in date.iterfind("date_spec"):
        yield from _of_spec(spec, now)


def _moment(text: str | None, now: datetime) -> datetime | None:
    moment = parse_moment(text) if text else None
    if moment is None or moment.seconds is None:
        return None
    try:
        date = datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=moment.seconds)
        # Without an offset, a date is in the time zone of the node.
        return date.replace(tzinfo=now.tzinfo) if moment.is_local else date.astimezone(now.tzinfo)
    except OverflowError:
        return None


def _after(start: datetime, duration: etree._Element) -> datetime:
    """Return the end of a range; months and years have the length that they have from its start."""

    def number(name: str) -> int:
        text = duration.get(name, "0")
        return int(text) if text.isdigit() else 0

    months = start.month - 1 + number("months") + 12 * number("years")
    year = start.year + months // 12
    try:
        begin = start.replace(year=year, month=months % 12 + 1)
    except ValueError:
        begin = start.replace(year=year, month=months % 12 + 1, day=28)
    units = ("weeks", "days", "hours", "minutes", "seconds")
    return begin + timedelta(**{name: number(name) for name in units})


def _of_spec(spec: etree._Element, now: datetime) -> Iterator[datetime]:
    """Yield the next time at which a specification begins or ceases to match."""
    current = _matches(spec, now)
    for name, step, limit in _STEPS:
        if spec.get(name) is not None:
            moment = _floor(now, name) + step
            while moment <= now + limit:
                if _matches(spec, moment) != current:
                    yield moment
                    return
                moment += step
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(1, _DAYS):
        day = midnight + timedelta(days=days)
        for hour in range(24) if spec.get("hours") is not None else (0,):
            if _matches(spec, moment := day.replace(hour=hour)) != current:
                yield moment
                return


def _floor(now: datetime, name: str) -> datetime:
    now = now.replace(microsecond=0)
    if name == "seconds":
        return now
    return now.replace(second=0) if name == "minutes" else now.replace(second=0, minute=0)


def _matches(spec: etree._Element, moment: datetime) -> bool:
    year, week, weekday = moment.isocalendar()
    values = {
        "seconds": moment.second,
        "minutes": moment.minute,
        "hours": moment.hour,
        "monthdays": moment.day,
        "weekdays": weekday,
        "yeardays": moment.timetuple().tm_yday,
        "yearsdays": moment.timetuple().tm_yday,
        "months": moment.month,
        "weeks": week,
        "years": moment.year,
        "weekyears": year,
    }
    return all(
        _in_range(text, value) for name, value in values.items() if (text := spec.get(name)) is not None
    )


def _in_range(text: str, value: int) -> bool:
    low, dash, high = text.partition("-")
    if not dash:
        return low.isdigit() and int(low) == value
    return (not low.isdigit() or int(low) <= value) and (not high.isdigit() or value <= int(high))
