"""Events and errors of deployment steps."""

from pathlib import Path

import pytest

from pacemaker_os.errors import ClusterError
from pacemaker_os.install.context.recorder import CLOUD, DeployFailed, Recorder, StepEvent


def test_step_reports_start_and_end() -> None:
    events: list[StepEvent] = []
    recorder = Recorder(events.append, Path("logs"), phase="prepare")
    with recorder.step("controller01", "install agents"):
        pass
    assert [(event.phase, event.node, event.seconds is None) for event in events] == [
        ("prepare", "controller01", True),
        ("prepare", "controller01", False),
    ]


@pytest.mark.parametrize(("node", "log"), [("controller01", "logs/controller01.log"), (CLOUD, "logs")])
def test_failed_step_names_error_and_log(node: str, log: str) -> None:
    recorder = Recorder(lambda event: None, Path("logs"))
    with pytest.raises(DeployFailed) as raised, recorder.step(node, "start galera"):
        raise ClusterError("timed out")
    assert str(raised.value) == (
        f"{node}: start galera failed: timed out. Full output: {log}. "
        "Completed steps are kept; run the same command again to resume"
    )
