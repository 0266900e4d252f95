"""Kinds of values: which texts are valid, and which of them have the same meaning.

The CIB stores every value as text. A Kind reads it as Pacemaker does (Pacemaker Explained, "Local options":
scores, booleans, durations).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable

from pacemaker_os.cib.durations import interval, signed_timeout, timeout
from pacemaker_os.dataclass import dataclass

INFINITY = 1_000_000

_BOOLEANS = {
    **dict.fromkeys(("true", "on", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "off", "no", "n", "0"), False),
}
#: The roles by their names in lower case, with the names before Pacemaker 2.1.
_ROLES = {
    **{name.lower(): name for name in ("Started", "Stopped", "Promoted", "Unpromoted")},
    "master": "Promoted",
    "slave": "Unpromoted",
}
#: Scores that health agents write (Pacemaker Explained, "Node Health").
_HEALTH = {"red": -INFINITY, "yellow": 0, "green": 0}


def boolean(text: str) -> bool | None:
    """Return the value of a boolean, or None if Pacemaker does not accept `text` as one."""
    return _BOOLEANS.get(text.lower())


def boolean_or_time(text: str) -> bool | None:
    """Return the value of a boolean; a time counts as true (`determine_online_status_fencing()`)."""
    return True if re.fullmatch(r"[1-9]\d*", text) else boolean(text)


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


def integer(text: str) -> int | None:
    """Return an integer, or None if `text` is not one."""
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,30}\s*", text) else None


def count(text: str) -> int | None:
    """Return a number of a cluster option, which can be INFINITY, or None if `text` is not one."""
    return score(text) if text in ("INFINITY", "+INFINITY", "-INFINITY") else integer(text)


def option_score(text: str) -> int | None:
    """Return a score that Pacemaker reads from an option, or None: only capitals spell INFINITY there."""
    if (health := _HEALTH.get(text.lower())) is not None:
        return health
    return None if "infinity" in text.lower() and "INFINITY" not in text else score(text)


#: The largest index of a fencing level (ST_LEVEL_MAX - 1). Pacemaker ignores other levels.
MAX_LEVEL = 9


def level(text: str) -> int | None:
    """Return the index of a fencing level, or None if Pacemaker ignores a level with this index."""
    number = integer(text)
    return number if number is not None and 1 <= number <= MAX_LEVEL else None


def role(text: str) -> str:
    """Return the name of a role since Pacemaker 2.1 (Promoted for Master, Unpromoted for Slave).

    Pacemaker reads roles without regard to case. Other texts are returned unchanged.
    """
    return _ROLES.get(text.lower(), text)


def _read_role(text: str) -> str | None:
    return _ROLES.get(text.lower())


def _health(text: str) -> str | int | None:
    return text.lower() if text.lower() in _HEALTH else option_score(text)


def _read_name(text: str) -> str | None:
    return text or None


def _read_node(text: str) -> str | None:
    return text.lower() or None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value. `read` returns the meaning of a text, or None if the text is invalid."""

    name: str
    read: Callable[[str], Hashable | None]
    expected: str = "text"
    choices: tuple[str, ...] = ()

    def accepts(self, text: str) -> bool:
        """Return whether Pacemaker accepts `text`."""
        return self.read(text) is not None

    def normal(self, text: str) -> Hashable:
        """Return a value that is equal for texts with the same meaning."""
        value = self.read(text)
        return text if value is None else value


TEXT = Kind("text", str)
#: An xs:ID, which is unique in a CIB.
ID = Kind("id", _read_name, "an id")
#: An id that need not be unique (node, acl_target, obj_ref).
NAME = Kind("name", _read_name, "a name")
IDREF = Kind("idref", _read_name, "the id of another element")
#: A reference to a resource.
RESOURCE = Kind("resource", _read_name, "the name of a resource")
#: A reference to a node. Pacemaker compares names of nodes without regard to case (`pcmk__str_casei`).
NODE = Kind("node", _read_node, "the name of a node")
BOOLEAN = Kind("boolean", boolean, "true or false")
#: Whether a node is to be fenced, or the time of the request.
BOOLEAN_OR_TIME = Kind("boolean-or-time", boolean_or_time, "true, false or a time in seconds")
INTEGER = Kind("integer", integer, "a whole number")
SCORE = Kind("score", score, "a whole number, INFINITY or -INFINITY")
LEVEL = Kind("level", level, f"a whole number from 1 to {MAX_LEVEL}")
#: A number of a cluster option.
COUNT = Kind("count", count, "a whole number")
#: A score in a name-value pair, where Pacemaker reads it and no schema.
OPTION_SCORE = Kind("option-score", option_score, "a whole number, INFINITY or -INFINITY")
#: The health of a node. The scores of the words depend on the properties node-health-*.
HEALTH = Kind("health", _health, "red, yellow, green or a score", tuple(_HEALTH))
_DURATION_EXAMPLE = "a duration such as 30s or 5min"
DURATION = Kind("duration", interval, _DURATION_EXAMPLE)
#: A duration that Pacemaker does not read as ISO 8601. It would use its default instead.
TIMEOUT = Kind("timeout", timeout, _DURATION_EXAMPLE)
#: A timeout for which a negative value selects another one.
SIGNED_TIMEOUT = Kind("signed-timeout", signed_timeout, _DURATION_EXAMPLE)


def one_of(*choices: str, any_case: bool = False) -> Kind:
    """Return a kind that accepts only these texts; with `any_case` also in other capitalization."""
    meanings = {(choice.lower() if any_case else choice): choice for choice in choices}

    def read(text: str) -> str | None:
        return meanings.get(text.lower() if any_case else text)

    return Kind("choice", read, "one of " + ", ".join(choices), choices)


ROLE = Kind(
    "role",
    _read_role,
    "one of Started, Stopped, Promoted, Unpromoted",
    ("Stopped", "Started", "Promoted", "Unpromoted", "Master", "Slave"),
)
ACTION = one_of("start", "promote", "demote", "stop")
