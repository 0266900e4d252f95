"""Classes of values behave as those of the standard library."""

from __future__ import annotations

import copy
import pickle
from dataclasses import asdict, field, fields, replace

import pytest

from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
    label: str = field(default="", compare=False)
    hidden: list[int] = field(default_factory=list, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Named(Point):
    name: str = ""

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    value: str


@dataclass(frozen=True, slots=True)
class Empty:
    pass


def test_equality_and_hash_use_the_compared_fields() -> None:
    assert Point(1, 2, "a") == Point(1, 2, "b")
    assert {Point(1, 2, "a"), Point(1, 2, "b")} == {Point(1, 2)}
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)
    assert Point(1) != (1, 0)
    assert Single(value="a") == Single(value="a")
    assert Single(value="a") != "a"
    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())


def test_text_has_the_shown_fields() -> None:
    assert repr(Point(1, label="a")) == "Point(x=1, y=0, label='a')"
    assert repr(Named(1, name="n")) == "n"


def test_values_have_slots_and_no_shared_defaults() -> None:
    assert not hasattr(Point(1), "__dict__")
    assert Point(1).hidden is not Point(1).hidden


def test_arguments_are_checked() -> None:
    with pytest.raises(TypeError):
        Single(*["a"])
    with pytest.raises(TypeError):
        Point(*[])


def test_functions_of_the_standard_library_work() -> None:
    point = Named(1, 2, "a", [3], "n")
    assert [each.name for each in fields(Named)] == ["x", "y", "label", "hidden", "name"]
    assert asdict(Single(value="a")) == {"value": "a"}
    assert replace(point, x=5) == Named(5, 2, "a", [3], "n")
    assert copy.deepcopy(point) == pickle.loads(pickle.dumps(point)) == point
    match point:
        case Named(1, y):
            assert y == 2
