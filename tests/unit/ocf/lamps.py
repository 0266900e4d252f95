"""Agents for tests: one that works, and faulty ones."""

from __future__ import annotations

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.parameter import Boolean, Choice, Duration, Integer, Path, Program, String


class Lamp(Agent):
    """A lamp that is on while its file exists; <it> & its "words" need escaping."""

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
    colour = Choice("Color of the light.", options=("red", "green"), default="green")
    watts = Integer("Power, in watts.", default="40", minimum=1, maximum=100, reloadable=True)
    flicker = Boolean("Make the light flicker.", default="no")
    patience = Duration("Time to wait.", default="30s")
    switch = Program("Program that switches the lamp.", default="sh")
    label = String('Text on the lamp: "this".', allowed="abc")
    old = String("Former parameter.", deprecated="It never had an effect.", replaced_with="label")

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
    """Its actions have no effect and print nothing."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def promote(self) -> None: ...

    def demote(self) -> None: ...


class Broken(Lamp):
    """Every action raises an unexpected exception."""

    def state(self) -> int:
        return {}["a fault\nof two lines"]  # type: ignore[index]


class Sooty(Lamp):
    """It is degraded while it runs."""

    def state(self) -> int:
        seen = super().state()
        return self.degraded("the glass is sooty") if seen == codes.RUNNING else seen

    def notify(self, notification: object) -> None:
        raise Failure("notifications are not supported")
