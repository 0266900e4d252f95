"""What holds before and after every action, whatever the agent does."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.ocf import codes
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.run import run
from pacemaker_os.ocf.testing import Answer, World
from tests.unit.ocf.lamps import Broken, DeadSwitch, Lamp, Sooty


@pytest.fixture
def lamp(tmp_path: Path) -> Path:
    return tmp_path / "lamp"


def do(kind: type[Agent], action: str, lamp: Path, **parameters: str) -> Answer:
    world = World()
    return world.run(world.agent(kind, action, parameters={"file": str(lamp), **parameters}))


def codes_of(kind: type[Agent], lamp: Path, *actions: str) -> list[int]:
    return [do(kind, action, lamp).code for action in actions]


def test_a_life(lamp: Path) -> None:
    actions = ("monitor", "start", "monitor", "promote", "monitor", "demote", "monitor", "stop", "monitor")
    assert codes_of(Lamp, lamp, *actions) == [7, 0, 0, 0, 8, 0, 0, 0, 7]


@pytest.mark.parametrize("action", ["start", "promote", "demote", "stop"])
def test_an_action_twice_is_no_error(lamp: Path, action: str) -> None:
    do(Lamp, "start", lamp)
    assert codes_of(Lamp, lamp, action, action) == [0, 0]


@pytest.mark.parametrize(
    ("before", "action", "seen"),
    [
        (None, "start", "not running"),
        ("on", "stop", "ok"),
        ("on", "promote", "ok"),
        ("bright", "demote", "promoted"),
    ],
)
def test_success_is_not_reported_unseen(lamp: Path, before: str | None, action: str, seen: str) -> None:
    if before:
        lamp.write_text(before)
    answer = do(DeadSwitch, action, lamp)
    assert (answer.code, answer.reason) == (codes.GENERIC, f"after {action} the service is: {seen}")


@pytest.mark.parametrize("action", ["start", "promote", "validate-all"])
def test_a_wrong_parameter_fails_what_needs_it(lamp: Path, action: str) -> None:
    answer = do(Lamp, action, lamp, colour="; rm -rf /")
    assert answer.code == codes.CONFIGURED
    assert answer.reason == "parameter 'colour' is '; rm -rf /', but must be one of red, green"


def test_a_wrong_parameter_is_no_lie_about_the_state(lamp: Path) -> None:
    do(Lamp, "start", lamp)
    assert do(Lamp, "monitor", lamp, colour="wrong").code == codes.RUNNING
    assert do(Lamp, "stop", lamp, colour="wrong").code == codes.SUCCESS
    assert not lamp.exists()


def test_nothing_runs_with_an_unusable_parameter() -> None:
    world = World()
    for action, code in (
        ("monitor", codes.NOT_RUNNING),
        ("stop", codes.SUCCESS),
        ("start", codes.CONFIGURED),
    ):
        assert world.run(world.agent(Lamp, action, parameters={"file": "no/absolute/path"})).code == code
        assert world.run(world.agent(Lamp, action)).code == code


def test_what_remains_is_not_called_stopped() -> None:
    class Ember(Lamp):
        def has_leftovers(self) -> bool:
            return True

    world = World()
    for action in ("monitor", "stop"):
        answer = world.run(world.agent(Ember, action))
        assert answer.code not in (codes.SUCCESS, codes.NOT_RUNNING)
        assert "parameter 'file' is missing" in answer.reason


@pytest.mark.parametrize("action", ["start", "stop", "monitor", "promote", "demote"])
def test_a_fault_is_an_answer_and_no_traceback(
    lamp: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"OCF_RESKEY_file": str(lamp), "OCF_RESOURCE_INSTANCE": "x"}
    assert run(Broken, [action], environ) == codes.GENERIC
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    assert said.err.startswith(f"ocf-exit-reason:{action}: unexpected KeyError:")
    assert len(said.err.splitlines()) == 1


def test_degraded_has_a_reason_for_a_monitor_alone(lamp: Path) -> None:
    assert do(Sooty, "start", lamp).reason == ""
    answer = do(Sooty, "monitor", lamp)
    assert (answer.code, answer.reason) == (codes.DEGRADED, "the glass is sooty")


def test_a_notification_cannot_fail(lamp: Path) -> None:
    assert do(Sooty, "notify", lamp).code == codes.SUCCESS


@pytest.mark.parametrize("action", ["no-such-action", "migrate_to", "reload"])
def test_an_action_that_is_not_offered(lamp: Path, action: str) -> None:
    assert do(Lamp, action, lamp).code == codes.UNIMPLEMENTED


def test_reload_is_offered_with_a_reloadable_parameter(lamp: Path) -> None:
    assert do(Lamp, "reload-agent", lamp, watts="60").code == codes.SUCCESS
    assert do(Lamp, "reload-agent", lamp, watts="600").code == codes.CONFIGURED


def test_no_word_is_a_call_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Lamp, [], {}) == codes.UNIMPLEMENTED
    assert "start|stop|monitor" in capsys.readouterr().out


def test_further_words_are_ignored(lamp: Path) -> None:
    assert run(Lamp, ["monitor", "now"], {"OCF_RESKEY_file": str(lamp)}) == codes.NOT_RUNNING


def test_an_instance_cannot_name_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Lamp, ["monitor"], {"OCF_RESOURCE_INSTANCE": "../../etc/x"}) == codes.ARGS
    assert "ocf-exit-reason:" in capsys.readouterr().err


def test_a_parameter_cannot_hide_a_part_of_the_kit() -> None:
    from pacemaker_os.ocf.parameter import String

    with pytest.raises(TypeError, match="cannot be called 'logger'"):
        type("Bad", (Lamp,), {"logger": String("x")})
