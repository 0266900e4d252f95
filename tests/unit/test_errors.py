"""Errors: their places, their codes, their exit statuses."""

from pacemaker_os import errors
from pacemaker_os.errors import InputError, PacemakerOsError, Problem


def subclasses(cls: type[PacemakerOsError]) -> list[type[PacemakerOsError]]:
    return [cls, *(below for child in cls.__subclasses__() for below in subclasses(child))]


def test_place_is_left_out_where_there_is_none() -> None:
    assert str(Problem("a.yaml", 3, 7, "no", "x")) == "a.yaml:3:7: no [x]"
    assert str(Problem("a.yaml", 0, 0, "no", "x")) == "a.yaml: no [x]"


def test_problems_come_in_order_of_place() -> None:
    late, early = Problem("a", 9, 1, "late", "x"), Problem("a", 2, 1, "early", "x")
    assert InputError([late, early]).problems == (early, late)


def test_every_error_is_drawn_in_the_tree_and_has_a_code() -> None:
    for error in subclasses(PacemakerOsError):
        if error.__module__ == errors.__name__:
            assert error.__name__ in (errors.__doc__ or "")
        assert error.code
        assert error.exit_status in (1, 3, 4)
