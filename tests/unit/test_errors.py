"""Errors: positions, codes and exit statuses."""

from pacemaker_os import errors
from pacemaker_os.errors import CommandFailed, CommandTimeout, InputError, PacemakerOsError, Problem


def subclasses(cls: type[PacemakerOsError]) -> list[type[PacemakerOsError]]:
    return [cls, *(below for child in cls.__subclasses__() for below in subclasses(child))]


def test_problem_without_line_omits_position() -> None:
    assert str(Problem("a.yaml", 3, 7, "no", "x")) == "a.yaml:3:7: no [x]"
    assert str(Problem("a.yaml", 0, 0, "no", "x")) == "a.yaml: no [x]"


def test_input_error_sorts_problems_by_position() -> None:
    late, early = Problem("a", 9, 1, "late", "x"), Problem("a", 2, 1, "early", "x")
    assert InputError([late, early]).problems == (early, late)


def test_error_classes_are_documented_and_have_codes() -> None:
    for error in subclasses(PacemakerOsError):
        if error.__module__ == errors.__name__:
            assert error.__name__ in (errors.__doc__ or "")
        assert error.code
        assert error.exit_status in (1, 3, 4)


def test_command_failed_names_command_status_and_error_output() -> None:
    failed = CommandFailed("n1", ["crm_mon", "-1"], 102, "not connected\n")
    assert str(failed) == "n1: `crm_mon -1` failed with exit status 102: not connected"
    silent = CommandFailed("n1", ["true"], 1, "")
    assert str(silent) == "n1: `true` failed with exit status 1 (no error output)"


def test_command_timeout_names_command_and_seconds() -> None:
    assert str(CommandTimeout("n1", ["sleep", "9"], 2.5)) == "n1: `sleep 9` timed out after 2.5 s"
