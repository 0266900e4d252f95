"""Dates as Pacemaker reads them; `iso8601 -d` of Pacemaker 2.1.5 gave the expected values."""

from __future__ import annotations

from datetime import date

import pytest

from pacemaker_os.document.checks.iso8601 import parse_moment


def seconds(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    days = date(year, month, day).toordinal() - 1
    return ((days * 24 + hour) * 60 + minute) * 60 + second


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01 10:00:00 +01:00", seconds(2026, 1, 1, 9)),
        ("2026-01-01T10:00:00Z", seconds(2026, 1, 1, 10)),
        ("2026-1-1", seconds(2026, 1, 1)),
        ("20260101T101010", seconds(2026, 1, 1, 10, 10, 10)),
        ("2026-100", seconds(2026, 4, 10)),
        ("2024-366", seconds(2024, 12, 31)),
        ("2026-W10-3", seconds(2026, 3, 4)),
        ("2026-W53-1", seconds(2026, 12, 28)),
        ("2021-W01-1", seconds(2021, 1, 4)),
        ("2026-01-01T24:00:00", seconds(2026, 1, 2)),
        ("epoch", seconds(1970, 1, 1)),
        ("2024-02-29", seconds(2024, 2, 29)),
        ("2026-01-01T", seconds(2026, 1, 1)),
    ],
)
def test_parse_moment_returns_seconds(text, expected):
    moment = parse_moment(text)
    assert moment is not None
    assert moment.seconds == expected


@pytest.mark.parametrize("text", ["10:00", "T10:00", "T24:00", "2026-01-01 10:00 UTC", "99999-01-01"])
def test_parse_moment_accepts_what_pacemaker_accepts(text):
    assert parse_moment(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026", "2026-02-30", "2026-13-01", "2026-00-01", "2025-02-29", "1900-02-29"),
        *("2026-366", "2026-000", "2026-W54-1", "2025-W53-1", "2026-W10-8", "2026-W10", "2026W103"),
        *("2026-01-01T25:00:00Z", "2026-01-01T24:00:01", "2026-01-01T10:60", "2026-01-01T10:00:60"),
        *("2026-01-01 10:00 +25:00", "9" * 5000, "9" * 5000 + "-01-01"),
    ],
)
def test_parse_moment_rejects_invalid_dates(text):
    assert parse_moment(text) is None


def test_local_time_is_after_other_time_only_in_every_time_zone():
    local, utc = parse_moment("2026-01-01T12:00"), parse_moment("2026-01-01T11:00Z")
    assert local is not None
    assert utc is not None
    assert not local.is_after(utc)
    later = parse_moment("2026-01-03T12:00")
    assert later is not None
    assert later.is_after(utc)
