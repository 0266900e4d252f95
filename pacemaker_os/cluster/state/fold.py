"""Names of nodes made short, the way documents write them: `controller0[1-3]`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)


def fold(names: Iterable[str]) -> str:
    """Names joined by spaces, sorted, those that follow each other in number put together."""
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


def _runs(key: tuple[str, str, int], numbers: list[int]) -> Iterable[str]:
    before, after, width = key
    start = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == last + 1:
            last = number
            continue
        yield before + _span(f"{start:0{width}}", f"{last:0{width}}") + after
        start = last = number


def _span(first: str, last: str) -> str:
    if first == last:
        return first
    same = 0
    while same < len(first) - 1 and first[same] == last[same]:
        same += 1
    return f"{first[:same]}[{first[same:]}-{last[same:]}]"
