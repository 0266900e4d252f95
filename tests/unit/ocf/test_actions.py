"""Checks before and after every action, for any agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.run import run
from pacemaker_os.ocf.testing import ActionResult, World
from tests.unit.ocf.lamps import Broken, DeadSwitch, Lamp, Sooty


@pytest.fixture
def lamp(tmp_path: Path) -> Path:
    return tmp_path / "lamp"


def do(kind: type[Agent], action: str, lamp: Path, **parameters: str) -> ActionResult:
    world = World()
    return world.run(world.agent(kind, action, parameters={"file": str(lamp), **parameters}))


def codes_of(kind: type[Agent], lamp: Path, *actions: str) -> list[int]:
    return [do(kind, action, lamp).code for action in actions]


def test_actions_lifecycle(lamp: Path) -> None:
    actions = ("monitor", "start", "monitor", "promote", "monitor", "demote", "monitor", "stop", "monitor")
    assert codes_of(Lamp, lamp, *actions) == [7, 0, 0, 0, 8, 0, 0, 0, 7]


@pytest.mark.parametrize("action", ["start", "promote", "demote", "stop"])
def test_action_repeated_succeeds(lamp: Path, action: str) -> None:
    do(Lamp, "start", lamp)
    assert codes_of(Lamp, lamp, action, action) == [0, 0]


@pytest.mark.parametrize(
    ("before", "action", "state"),
    [
        (None, "start", "not running"),
        ("on", "stop", "ok"),
        ("on", "promote", "ok"),
        ("bright", "demote", "promoted"),
    ],
)
def test_action_without_effect_fails(lamp: Path, before: str | None, action: str, state: str) -> None:
    if before:
        lamp.write_text(before)
    answer = do(DeadSwitch, action, lamp)
    assert (answer.code, answer.reason) == (codes.GENERIC, f"unexpected state after {action}: {state}")


@pytest.mark.parametrize("action", ["start", "promote", "validate-all"])
def test_action_invalid_parameter_fails(lamp: Path, action: str) -> None:
    answer = do(Lamp, action, lamp, colour="; rm -rf /")
    assert answer.code == codes.CONFIGURED
    assert answer.reason == "parameter 'colour' is '; rm -rf /', but must be one of red, green"


def test_monitor_and_stop_ignore_unused_invalid_parameter(lamp: Path) -> None:
    do(Lamp, "start", lamp)
    assert do(Lamp, "monitor", lamp, colour="wrong").code == codes.RUNNING
    assert do(Lamp, "stop", lamp, colour="wrong").code == codes.SUCCESS
    assert not lamp.exists()


def test_invalid_parameter_of_state_means_not_running() -> None:
    world = World()
    for action, code in (
        ("monitor", codes.NOT_RUNNING),
        ("stop", codes.SUCCESS),
        ("start", codes.CONFIGURED),
    ):
        assert world.run(world.agent(Lamp, action, parameters={"file": "no/absolute/path"})).code == code
        assert world.run(world.agent(Lamp, action)).code == code


def test_leftovers_are_not_reported_as_stopped() -> None:
    class Ember(Lamp):
        def has_leftovers(self) -> bool:
            return True

    world = World()
    for action in ("monitor", "stop"):
        answer = world.run(world.agent(Ember, action))
        assert answer.code not in (codes.SUCCESS, codes.NOT_RUNNING)
        assert "required parameter 'file' is not set" in answer.reason


@pytest.mark.parametrize("action", ["start", "stop", "monitor", "promote", "demote"])
def test_unexpected_exception_becomes_exit_reason(
    lamp: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"OCF_RESKEY_file": str(lamp), "OCF_RESOURCE_INSTANCE": "x"}
    assert run(Broken, [action], environ) == codes.GENERIC
    output = capsys.readouterr()
    assert "Traceback" not in output.err + output.out
    assert output.err.startswith(f"ocf-exit-reason:{action}: unexpected KeyError:")
    assert len(output.err.splitlines()) == 1


def test_error_of_the_file_system_is_named_without_traceback(lamp: Path) -> None:
    answer = do(Lamp, "start", lamp / "missing" / "file")
    assert answer.code == codes.GENERIC
    assert answer.reason.startswith(f"start: cannot access {lamp}/missing/file.new")
    assert answer.reason.endswith(": No such file or directory")


def test_required_mount_is_named_if_it_is_missing(lamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    table = lamp.with_name("fstab")
    table.write_text(f"# comment\n/dev/sdb1 {lamp}/ ext4 defaults 0 2\n")
    assert files.is_unmounted(str(lamp), str(table))
    assert not files.is_unmounted("/proc", str(table))
    assert not files.is_unmounted(str(lamp.parent), str(table))
    monkeypatch.setattr(files, "is_unmounted", lambda directory: True)
    with pytest.raises(Failure, match=f"run: mount {lamp}"):
        world.agent(Lamp, "start", parameters={"file": str(lamp)}).require_mounted(str(lamp))


def test_degraded_reason_is_reported_by_monitor_only(lamp: Path) -> None:
    assert do(Sooty, "start", lamp).reason == ""
    answer = do(Sooty, "monitor", lamp)
    assert (answer.code, answer.reason) == (codes.DEGRADED, "the glass is sooty")


def test_notify_never_fails(lamp: Path) -> None:
    assert do(Sooty, "notify", lamp).code == codes.SUCCESS


@pytest.mark.parametrize("action", ["no-such-action", "migrate_to", "reload"])
def test_unknown_action_is_unimplemented(lamp: Path, action: str) -> None:
    assert do(Lamp, action, lamp).code == codes.UNIMPLEMENTED


def test_reload_agent_is_offered_with_reloadable_parameter(lamp: Path) -> None:
    assert do(Lamp, "reload-agent", lamp, watts="60").code == codes.SUCCESS
    assert do(Lamp, "reload-agent", lamp, watts="600").code == codes.CONFIGURED


def test_run_without_arguments_prints_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Lamp, [], {}) == codes.UNIMPLEMENTED
    assert "start|stop|monitor" in capsys.readouterr().out


def test_run_ignores_further_arguments(lamp: Path) -> None:
    assert run(Lamp, ["monitor", "now"], {"OCF_RESKEY_file": str(lamp)}) == codes.NOT_RUNNING


def test_run_invalid_instance_name_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Lamp, ["monitor"], {"OCF_RESOURCE_INSTANCE": "../../etc/x"}) == codes.ARGS
    assert "ocf-exit-reason:" in capsys.readouterr().err


def test_parameter_with_reserved_name_is_rejected() -> None:
    from pacemaker_os.ocf.parameter import String

    with pytest.raises(TypeError, match="'logger' is a reserved name"):
        type("Bad", (Lamp,), {"logger": String("x")})
