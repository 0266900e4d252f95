"""Agents that are made for tests: a lamp that works, and lamps that lie."""

from __future__ import annotations

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.parameter import Boolean, Choice, Duration, Integer, Path, Program, String


class Lamp(Agent):
    """A lamp that is lit while its file is there; <it> & its "words" need escaping."""

    name = "lamp"
    summary = "A lamp & a <shade>"
    actions = (
        Action("start", timeout=20),
        Action("stop", timeout=20),
        Action("monitor", timeout=20, interval=10, role="Unpromoted"),
        Action("monitor", timeout=20, interval=9, role="Promoted"),
        Action("promote", timeout=20),
        Action("demote", timeout=20),
        Action("notify", timeout=5),
    )
    file = Path("The file. It stands for the light.", required=True, unique_group="lamp")
    colour = Choice("The colour.", options=("red", "green"), default="green")
    watts = Integer("How strong it is.", default="40", minimum=1, maximum=100, reloadable=True)
    flicker = Boolean("Whether it flickers.", default="no")
    patience = Duration("How long to wait.", default="30s")
    switch = Program("What switches it.", default="sh")
    label = String('What is written on it: "this".', allowed="abc")
    old = String("An older word.", deprecated="It never worked.", replaced_with="label")

    def state(self) -> int:
        words = {None: codes.NOT_RUNNING, "on": codes.RUNNING, "bright": codes.RUNNING_PROMOTED}
        return words[files.read(self.file)]

    def start(self) -> None:
        files.write(self.file, "on")

    def stop(self) -> None:
        files.remove(self.file)

    def promote(self) -> None:
        files.write(self.file, "bright")

    def demote(self) -> None:
        files.write(self.file, "on")


class DeadSwitch(Lamp):
    """Its actions do nothing, and say nothing."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def promote(self) -> None: ...

    def demote(self) -> None: ...


class Broken(Lamp):
    """It has a fault in every action."""

    def state(self) -> int:
        return {}["a fault\nof two lines"]  # type: ignore[index]


class Sooty(Lamp):
    """It works, and is at risk."""

    def state(self) -> int:
        seen = super().state()
        return self.degraded("the glass is sooty") if seen == codes.RUNNING else seen

    def notify(self, notification: object) -> None:
        raise Failure("it hears nothing")
