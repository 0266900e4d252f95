"""A value that prints as stars."""

from __future__ import annotations

from dataclasses import field

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that logs, tracebacks, plans and f-strings show as stars.

    Only code that passes the value to standard input, a 0600 file or the environment calls `reveal`.
    Transports reject a Secret among the arguments of a command.
    """

    value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the value."""
        return self.value

    def __str__(self) -> str:
        return "*****"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format("*****", spec)
