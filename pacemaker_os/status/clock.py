"""Times for people: where they are, and without what they know."""

from __future__ import annotations

from datetime import datetime


def clock(when: str) -> str:
    """A time in ISO 8601 as the clock here showed it: the time of day, before today with its date.

    What is no such time is returned as it is.
    """
    try:
        moment = datetime.fromisoformat(when).astimezone()
    except ValueError:
        return when
    today = moment.date() == datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if today else f"{moment:%Y-%m-%d %H:%M:%S}"
