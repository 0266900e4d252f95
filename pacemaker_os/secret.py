"""A value that must not be seen: it prints as stars wherever it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Hold `value` so that logs, tracebacks, plans and f-strings show stars.

    Only code that hands the value to standard input, a 0600 file or the environment calls `reveal`;
    a transport refuses a Secret among a command's arguments.
    """

    value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the value itself."""
        return self.value

    def __str__(self) -> str:
        return "*****"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format("*****", spec)
