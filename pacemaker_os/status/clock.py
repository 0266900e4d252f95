"""Times for display: in local time, and without a date if they are today."""

from __future__ import annotations

from datetime import datetime


def clock(when: str) -> str:
    """Return a time in ISO 8601 as local time of day, with the date if it is not today.

    Any other text is returned unchanged.
    """
    try:
        moment = datetime.fromisoformat(when).astimezone()
    except ValueError:
        return when
    today = moment.date() == datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if today else f"{moment:%Y-%m-%d %H:%M:%S}"
