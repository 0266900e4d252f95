"""Kinds of values: which texts are valid, and which of them have the same meaning.

The CIB stores every value as text. A Kind reads it as Pacemaker does (Pacemaker Explained, "Local options":
scores, booleans, durations).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass

INFINITY = 1_000_000

_BOOLEANS = {
    **dict.fromkeys(("true", "on", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "off", "no", "n", "0"), False),
}
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
_DURATION = re.compile(r"\s*(\d+)\s*([a-z]*)\s*", re.IGNORECASE)
_ISO_DURATION = re.compile(
    # Pacemaker does not insist on the T before hours and seconds.
    r"P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?T?(?:(?P<h>\d+)H)?(?:(?<=T)(?P<m>\d+)M|(?<=H)(?P<m2>\d+)M)?"
    r"(?:(?P<s>\d+)S)?"
)
_ISO_UNITS_MS = {
    "w": 604_800_000.0,
    "d": 86_400_000.0,
    "h": 3_600_000.0,
    "m": 60_000.0,
    "m2": 60_000.0,
    "s": 1000.0,
}
_ROLES = {"master": "Promoted", "slave": "Unpromoted", "promoted": "Promoted", "unpromoted": "Unpromoted"}


def boolean(text: str) -> bool | None:
    """Return the value of a boolean, or None if Pacemaker does not accept `text` as one."""
    return _BOOLEANS.get(text.strip().lower())


def score(text: str) -> int | None:
    """Return a score between -INFINITY and INFINITY (1,000,000), or None if `text` is not a score."""
    word = text.strip()
    sign = -1 if word.startswith("-") else 1
    if word.lstrip("+-").upper() == "INFINITY":
        return sign * INFINITY
    if not re.fullmatch(r"[+-]?\d+", word):
        return None
    # int() rejects very long digit strings. They exceed INFINITY in any case.
    number = INFINITY if len(word) > 30 else abs(int(word))
    return sign * min(number, INFINITY)


def milliseconds(text: str) -> float | None:
    """Return a duration in ms (`10s`, `5min`, `500ms`, `PT1H`), or None if `text` is not a duration."""
    if len(text) > 40:
        return None
    if match := _DURATION.fullmatch(text):
        unit = _UNITS_MS.get(match[2].lower())
        return None if unit is None else int(match[1]) * unit
    if (match := _ISO_DURATION.fullmatch(text)) and any(match.groupdict().values()):
        return sum(int(n) * _ISO_UNITS_MS[unit] for unit, n in match.groupdict().items() if n)
    return None


def integer(text: str) -> int | None:
    """Return an integer, or None if `text` is not one."""
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,30}\s*", text) else None


def role(text: str) -> str:
    """Return the name of a role since Pacemaker 2.1 (Promoted for Master, Unpromoted for Slave)."""
    return _ROLES.get(text.lower(), text)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value. `read` returns the meaning of a text, or None if the text is invalid."""

    name: str
    read: Callable[[str], Hashable | None]
    expected: str = "text"
    choices: tuple[str, ...] = ()

    def accepts(self, text: str) -> bool:
        """Return whether Pacemaker accepts `text`."""
        return text in self.choices if self.choices else self.read(text) is not None

    def normal(self, text: str) -> Hashable:
        """Return a value that is equal for texts with the same meaning."""
        value = self.read(text)
        return text if value is None else value


TEXT = Kind("text", str)
#: An xs:ID, which is unique in a CIB.
ID = Kind("id", str, "an id")
#: An id that need not be unique (node, acl_target, obj_ref).
NAME = Kind("name", str, "a name")
IDREF = Kind("idref", str, "the id of another element")
#: A reference to a resource.
RESOURCE = Kind("resource", str, "the name of a resource")
#: A reference to a node.
NODE = Kind("node", str, "the name of a node")
BOOLEAN = Kind("boolean", boolean, "true or false")
INTEGER = Kind("integer", integer, "a whole number")
SCORE = Kind("score", score, "a whole number, INFINITY or -INFINITY")
DURATION = Kind("duration", milliseconds, "a duration such as 30s or 5min")


def one_of(*choices: str) -> Kind:
    """Return a kind that accepts only these texts."""
    return Kind("choice", str, "one of " + ", ".join(choices), choices)


ROLE = Kind(
    "role",
    role,
    "one of Started, Stopped, Promoted, Unpromoted",
    ("Stopped", "Started", "Promoted", "Unpromoted", "Master", "Slave"),
)
ACTION = one_of("start", "promote", "demote", "stop")
