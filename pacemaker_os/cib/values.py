"""Kinds of values that the CIB holds as text: which texts are good, and which mean the same.

The CIB keeps every value as the text that somebody wrote; a Kind knows how Pacemaker reads it
(Pacemaker Explained, "Local options": scores, booleans, durations).
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
    """Return what Pacemaker takes `text` for, or None when it is no boolean."""
    return _BOOLEANS.get(text.strip().lower())


def score(text: str) -> int | None:
    """Return a score between -INFINITY and INFINITY (a million), or None when `text` is none."""
    word = text.strip()
    sign = -1 if word.startswith("-") else 1
    if word.lstrip("+-").upper() == "INFINITY":
        return sign * INFINITY
    if not re.fullmatch(r"[+-]?\d+", word):
        return None
    # Long digit strings only say "beyond INFINITY"; int() would refuse them.
    number = INFINITY if len(word) > 30 else abs(int(word))
    return sign * min(number, INFINITY)


def milliseconds(text: str) -> float | None:
    """Return a duration in milliseconds (`10s`, `5min`, `500ms`, `PT1H`), or None when it is none."""
    if len(text) > 40:
        return None
    if match := _DURATION.fullmatch(text):
        unit = _UNITS_MS.get(match[2].lower())
        return None if unit is None else int(match[1]) * unit
    if (match := _ISO_DURATION.fullmatch(text)) and any(match.groupdict().values()):
        return sum(int(n) * _ISO_UNITS_MS[unit] for unit, n in match.groupdict().items() if n)
    return None


def integer(text: str) -> int | None:
    """Return a whole number, or None when `text` is none."""
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,30}\s*", text) else None


def role(text: str) -> str:
    """Return the role's word since Pacemaker 2.1 (Master is Promoted, Slave is Unpromoted)."""
    return _ROLES.get(text.lower(), text)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of text: `read` gives what it means (None when it is not of this kind)."""

    name: str
    read: Callable[[str], Hashable | None]
    expected: str = "text"
    choices: tuple[str, ...] = ()

    def accepts(self, text: str) -> bool:
        """Tell whether Pacemaker's schema or its code would take `text`."""
        return text in self.choices if self.choices else self.read(text) is not None

    def normal(self, text: str) -> Hashable:
        """Return a value that is equal for texts that mean the same."""
        value = self.read(text)
        return text if value is None else value


TEXT = Kind("text", str)
#: An xs:ID: unique among all of them in a CIB.
ID = Kind("id", str, "an id")
#: A name that serves as id but need not be unique (node, acl_target, obj_ref).
NAME = Kind("name", str, "a name")
IDREF = Kind("idref", str, "the id of something else")
#: The id of a resource, in a constraint.
RESOURCE = Kind("resource", str, "the name of a resource")
#: The name of a node.
NODE = Kind("node", str, "the name of a node")
BOOLEAN = Kind("boolean", boolean, "true or false")
INTEGER = Kind("integer", integer, "a whole number")
SCORE = Kind("score", score, "a whole number, INFINITY or -INFINITY")
DURATION = Kind("duration", milliseconds, "a duration such as 30s or 5min")


def one_of(*choices: str) -> Kind:
    """Return a kind that takes these words alone."""
    return Kind("choice", str, "one of " + ", ".join(choices), choices)


ROLE = Kind(
    "role",
    role,
    "one of Started, Stopped, Promoted, Unpromoted",
    ("Stopped", "Started", "Promoted", "Unpromoted", "Master", "Slave"),
)
ACTION = one_of("start", "promote", "demote", "stop")
