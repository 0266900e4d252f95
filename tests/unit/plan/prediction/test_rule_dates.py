"""The next change of rules with dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree

from pacemaker_os.plan.prediction.obstacles.dates import next_change

#: A Monday.
NOW = datetime(2026, 11, 30, 18, 30, 15, tzinfo=UTC)


def dated(operation: str, inside: str = "", **attributes: str) -> str:
    """Return a date expression."""
    texts = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<date_expression operation="{operation}"{texts}>{inside}</date_expression>'


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (dated("lt", end="2026-12-01"), "2026-12-01 00:00:00"),
        (dated("gt", start="2026-11-01"), None),
        (
            dated("in_range", start="2026-12-24", end="2027-01-02"),
            "2026-12-24 00:00:00",
        ),
        (
            dated("in_range", start="2026-11-24", end="2027-01-02"),
            "2027-01-02 00:00:00",
        ),
        (dated("lt", end="2026-11-30T20:00:00 +01:00"), "2026-11-30 19:00:00"),
        (
            dated("in_range", '<duration months="1" days="2"/>', start="2026-11-30"),
            "2027-01-01 00:00:00",
        ),
        (
            dated("in_range", '<duration months="13"/>', start="2026-01-31"),
            "2027-02-28 00:00:00",
        ),
        (
            dated("date_spec", '<date_spec hours="9-17"/>'),
            "2026-12-01 09:00:00",
        ),
        (
            dated("date_spec", '<date_spec hours="18-20"/>'),
            "2026-11-30 21:00:00",
        ),
        (
            dated("date_spec", '<date_spec weekdays="6-7"/>'),
            "2026-12-05 00:00:00",
        ),
        (
            dated("date_spec", '<date_spec hours="9-17" weekdays="6-7"/>'),
            "2026-12-05 09:00:00",
        ),
        (
            dated("date_spec", '<date_spec minutes="31"/>'),
            "2026-11-30 18:31:00",
        ),
        (
            dated("date_spec", '<date_spec months="1"/>'),
            "2027-01-01 00:00:00",
        ),
        (dated("date_spec", '<date_spec years="2020"/>'), None),
        (dated("lt", end="soon"), None),
    ],
)
def test_rule_changes_next(date: str, expected: str | None) -> None:
    rule = etree.fromstring(f"<rule>{date}</rule>")
    found = next_change(rule, NOW)
    assert (None if found is None else f"{found:%Y-%m-%d %H:%M:%S}") == expected


def test_first_of_several_dates_counts() -> None:
    dates = dated("lt", end="2027-01-01") + dated("gt", start="2026-12-01")
    assert next_change(etree.fromstring(f"<rule>{dates}</rule>"), NOW) == datetime(2026, 12, 1, tzinfo=UTC)


def test_date_without_an_offset_is_in_the_time_zone_of_the_nodes() -> None:
    zone = timezone(timedelta(hours=2))
    rule = etree.fromstring(f"<rule>{dated('lt', end='2026-12-01T12:00:00')}</rule>")
    assert next_change(rule, NOW.astimezone(zone)) == datetime(2026, 12, 1, 12, tzinfo=zone)
