"""The entry point: help, unknown words, errors as lines and as JSON."""

import json
import os

import pytest

from pacemaker_os.cli import main as entry
from pacemaker_os.cli.support.failure import report_failure
from pacemaker_os.errors import Conflict, InputError, Problem


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        entry.main(list(args))
    assert isinstance(stop.value.code, int)
    return stop.value.code


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in entry.COMMANDS)


def test_unknown_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("aply") == 1
    assert "did you mean 'apply'?" in capsys.readouterr().err


@pytest.mark.parametrize("name", entry.COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    assert "Example" in capsys.readouterr().out


def test_problems_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(InputError([Problem("a.yaml", 1, 2, "bad", "x")]), as_json=False)
    assert capsys.readouterr().err == "a.yaml:1:2: bad [x]\n"


def test_problems_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(Conflict("they were first"), as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["error"] == "conflict"
    assert said["problems"][0]["message"] == "they were first"


def test_pacemakers_programs_are_found_from_a_users_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/opt/mine:/usr/sbin")
    entry.extend_path()
    assert os.environ["PATH"] == "/opt/mine:/usr/sbin:/sbin"
