"""The entry point: help, unknown commands, and errors as text and as JSON."""

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


def test_unknown_command_suggests_similar_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("aply") == 1
    assert "did you mean 'apply'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("lab", "wait"), "unknown command 'wait'"),
        (("agents", "tst"), "unknown command 'tst'; did you mean 'test'?"),
        (("graph", "x.cib.yaml", "-o", "x.png"), "cannot write '.png'; use .dot or .svg or .json"),
        (("history", "--cib-file", "/nonexistent.xml"), "/nonexistent.xml: file not found"),
        (("apply", "--plan", "/nonexistent.json"), "/nonexistent.json: file not found"),
        (("export", "--cib-file", "/nonexistent.xml"), "/nonexistent.xml: file not found [no-such-file]"),
        (("validate", "/nonexistent.yaml"), "/nonexistent.yaml: file not found; run `pcs-os init`"),
        (("export", "--cib-file", "/etc"), "/etc: this is a directory; specify a file [unreadable]"),
        (("plan", "-", "--cib-file", "-"), "cannot read more than one file from standard input"),
        (("plan", "-", "-"), "cannot read more than one file from standard input"),
    ],
)
def test_mistake_on_the_command_line_is_named(
    command: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*command) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", ["agents", "lab", "cluster", "instances"])
def test_help_of_group_shows_complete_lines(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    assert not [
        line
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("  ") and line.endswith("...")
    ]


@pytest.mark.parametrize("name", entry.COMMANDS)
def test_help_of_command_has_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    assert "Example" in capsys.readouterr().out


def test_report_failure_prints_one_line_per_problem(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(InputError([Problem("a.yaml", 1, 2, "bad", "x")]), as_json=False)
    assert capsys.readouterr().err == "a.yaml:1:2: bad [x]\n"


def test_report_failure_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(Conflict("the CIB changed"), as_json=True)
    output = json.loads(capsys.readouterr().out)
    assert output["error"] == "conflict"
    assert output["problems"][0]["message"] == "the CIB changed"


def test_extend_path_appends_system_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/opt/bin:/usr/sbin")
    entry.extend_path()
    assert os.environ["PATH"] == "/opt/bin:/usr/sbin:/sbin"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--allow", "banana"), "--allow: unknown effect 'banana'; use fence, cannot-run, stop, restart, "),
        (("--allow", "move,restrat"), "--allow: unknown effect 'restrat'; did you mean 'restart'?"),
    ],
)
@pytest.mark.parametrize("command", [("apply", "missing.cib.yaml"), ("rollback",)])
def test_unknown_effect_is_reported_before_anything_else(
    command: tuple[str, ...], arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*command, *arguments) != 0
    assert message in capsys.readouterr().err
