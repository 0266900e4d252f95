"""The standard decorator `dataclass` for frozen classes with slots, at less cost when a command starts.

The standard library compiles six functions for each class. A command defines more than 130 classes, which
took a third of its CPU time. Here only `__init__` is compiled; the other methods are functions of the fields.
mypy knows that objects are frozen; at run time, nothing checks assignments.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """Declare a class of values, as `dataclasses.dataclass(frozen=True, slots=True)` does."""
        assert frozen and slots, "for other classes, use the decorator of the standard library"
        declare = dataclasses.dataclass(repr=False, eq=False, slots=True, kw_only=kw_only)
        return lambda cls: _with_methods(declare(cls))


__all__ = ["dataclass"]


def _with_methods(cls: type[Any]) -> type[Any]:
    """Add equality, hash and text, unless the class defines them itself."""
    fields = dataclasses.fields(cls)
    compared = _getter([each.name for each in fields if each.compare])
    shown = [each.name for each in fields if each.repr]

    def equal(self: object, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def text(self: object) -> str:
        pairs = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{self.__class__.__qualname__}({pairs})"

    methods = {"__hash__": lambda self: hash(compared(self)), "__eq__": equal, "__repr__": text}
    for name, method in methods.items():
        # In a class that defines __eq__, Python sets __hash__ to None.
        if cls.__dict__.get(name) is None:
            setattr(cls, name, method)
    return cls


def _getter(names: list[str]) -> Callable[[Any], object]:
    """Return a function that returns these attributes of an object."""
    return attrgetter(*names) if names else lambda _: ()
