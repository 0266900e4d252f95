"""Small text tools for messages: node ranges, shortened lists and suggestions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

#: Maximum number of names that `closest` compares; comparing thousands of them would take seconds.
CANDIDATES = 500

#: Number of names in a message before the rest is only counted.
LISTED = 4

_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)


def fold(names: Iterable[str]) -> str:
    """Return the names, sorted and separated by spaces, with consecutive numbers as a range.

    The notation is that of documents: `controller0[1-3]`.
    """
    parts: dict[tuple[str, str, int], list[int]] = {}
    plain = []
    for name in sorted(set(names)):
        match = _NUMBERED.fullmatch(name)
        if match is None:
            plain.append(name)
            continue
        before, digits, after = match.groups()
        parts.setdefault((before, after, len(digits)), []).append(int(digits))
    runs = [text for key, numbers in parts.items() for text in _runs(key, sorted(numbers))]
    return " ".join(sorted([*plain, *runs]))


def _runs(key: tuple[str, str, int], numbers: list[int]) -> Iterator[str]:
    before, after, width = key
    start = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == last + 1:
            last = number
            continue
        yield before + _span(f"{start:0{width}}", f"{last:0{width}}") + after
        start = last = number


def is_successor(name: str, previous: str) -> bool:
    """Return whether `name` is `previous` with the next number, written with as many digits."""
    old, new = _NUMBERED.fullmatch(previous), _NUMBERED.fullmatch(name)
    if not old or not new or (old[1], old[3]) != (new[1], new[3]) or len(old[2]) != len(new[2]):
        return False
    return int(new[2]) == int(old[2]) + 1


def node_range(first: str, last: str) -> str:
    """Return the range of the names from `first` to `last`, which differ only in their number.

    Raises ValueError when a name has no number.
    """
    old, new = _NUMBERED.fullmatch(first), _NUMBERED.fullmatch(last)
    if old is None or new is None:
        raise ValueError(first)
    return old[1] + _span(old[2], new[2]) + old[3]


def _span(first: str, last: str) -> str:
    if first == last:
        return first
    same = 0
    while same < len(first) - 1 and first[same] == last[same]:
        same += 1
    return f"{first[:same]}[{first[same:]}-{last[same:]}]"


def abbreviate(names: Collection[str], limit: int = LISTED, separator: str = ", ") -> str:
    """Return at most `limit` of the names, and the number of the rest: `a, b and 3 more`."""
    shown = separator.join(islice(names, limit))
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def closest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known name that `name` is most probably a misspelling of, or None.

    `cutoff` is the required similarity, from 0 to 1.
    """
    # Only messages about mistakes need this module.
    from difflib import get_close_matches

    similar = (each for each in known if each and abs(len(each) - len(name)) <= max(3, len(name) // 2))
    return next(iter(get_close_matches(name, list(islice(similar, CANDIDATES)), n=1, cutoff=cutoff)), None)


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return `; did you mean 'x'?` when a known name is similar to `name`, else an empty text."""
    near = closest(name, known, cutoff=cutoff)
    return f"; did you mean '{near}'?" if near else ""


def quantity(number: int, noun: str) -> str:
    """Return a number with its noun in singular or plural: `1 secret`, `2 secrets`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
