"""What an agent is: a class with parameters, and a method for each action.

The smallest one has `state`, `start` and `stop` (docs/write-an-agent.md). What the kit does around
them is the same for every agent and cannot be forgotten:

- before a start or a promote every parameter is checked; a stop and a probe check only what they use;
- an action on a service that is already where it should be does nothing and succeeds (OCF: idempotent);
- after an action the service is looked at again: success is reported only when it was seen.
"""

from __future__ import annotations

import sys

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.cluster import Cluster
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.log import Log, one_line
from pacemaker_os.ocf.operation import Notification, Operation
from pacemaker_os.ocf.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pacemaker_os.ocf.action import Action
    from pacemaker_os.ocf.command import Result

#: Seconds an operation may take where neither Pacemaker nor the agent's metadata says.
TIMEOUT = 20.0

#: What the kit itself keeps in an agent.
RESERVED = frozenset({"operation", "values", "degraded_reason", "logger", "deadline", "cluster"})


class Agent:
    """Base of every agent. The class docstring is the long description that operators read.

    A subclass says `name`, `summary` and `actions`, has parameters as attributes, and implements
    `state`, `start` and `stop`; and `promote`, `demote`, `notify`, `reload_agent` if its actions name them.
    """

    name: str
    summary: str
    actions: tuple[Action, ...]

    def __init_subclass__(cls) -> None:
        for parameter in cls.parameters():
            if parameter.name in RESERVED or hasattr(Agent, parameter.name):
                raise TypeError(f"{cls.__name__}: a parameter cannot be called '{parameter.name}'")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.values: dict[str, object] = {}
        self.degraded_reason = ""
        self.logger = Log(self.name, operation.instance)
        self.deadline = Deadline(operation.timeout(self.suggested_timeout(operation.action)))
        self.cluster = Cluster(
            operation.node, operation.resource, self.ask, optional=not operation.called_by_pacemaker
        )

    @classmethod
    def parameters(cls) -> Iterator[Parameter]:
        """The parameters, in the order in which the class names them."""
        for base in reversed(cls.__mro__):
            for value in vars(base).values():
                if isinstance(value, Parameter):
                    yield value

    @classmethod
    def suggested_timeout(cls, action: str) -> float:
        """Seconds that metadata suggests for `action`."""
        return max((a.timeout for a in cls.actions if a.name == action), default=TIMEOUT)

    @classmethod
    def reloadable(cls) -> bool:
        """Whether a parameter can change while the service runs."""
        return any(parameter.reloadable for parameter in cls.parameters())

    def state(self) -> int:
        """Look at the service and say what was seen: a code of `codes`. Changes nothing, anywhere.

        Raises Failure when the service is there but broken.
        """
        raise NotImplementedError

    def monitor(self) -> int:
        """Answer Pacemaker's monitor: `state`, and whatever the agent tells the cluster by the way."""
        return self.state()

    def start(self) -> None:
        """Bring the service up. The kit looks at the result."""
        raise NotImplementedError

    def stop(self) -> None:
        """Bring the service down. The kit looks at the result."""
        raise NotImplementedError

    def promote(self) -> None:
        """Take the Promoted role."""
        raise NotImplementedError

    def demote(self) -> None:
        """Give up the Promoted role."""
        raise NotImplementedError

    def notify(self, notification: Notification) -> None:
        """Hear what other instances do. Must be quick: everything in the cluster waits for it."""

    def reload_agent(self) -> None:
        """Take changed reloadable parameters into use."""

    def validate(self) -> None:
        """Check what no single parameter can know. Raises Failure."""

    def has_leftovers(self) -> bool:
        """Whether something that this agent started is still there, judged without any parameter.

        Asked when a parameter that `state` needs is unusable: then nothing was started with it, but
        an earlier start with other parameters may have left something.
        """
        return False

    def degraded(self, reason: str, code: int = codes.DEGRADED) -> int:
        """Say that the service works but is at risk, and why. A monitor reports the reason."""
        self.degraded_reason = reason
        return code

    def if_persistent(self, code: int, seconds: float) -> int:
        """`code`, where a degradation counts only once it has been seen for `seconds`.

        Pacemaker shows a degraded result until somebody cleans it up, also one that passed by itself.
        """
        path = self.state_file("degraded")
        if code not in codes.UNDEGRADED:
            files.remove(path)
            return code
        since = files.read(path)
        if since is None:
            files.make_directory(self.operation.state_directory)
            files.write(path, str(self.deadline.now))
            self.logger.info(self.degraded_reason)
        passed = self.deadline.now - float(since or self.deadline.now)
        return code if passed >= seconds else codes.UNDEGRADED[code]

    def set_exit_reason(self, reason: str) -> None:
        """Give Pacemaker the one line that it shows beside the result."""
        print(f"{self.operation.reason_prefix}{one_line(reason)}", file=sys.stderr, flush=True)

    def ask(
        self,
        argv: Sequence[str],
        *,
        within: float | None = None,
        input: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command for its answer, within `within` seconds and the operation's time."""
        from pacemaker_os.ocf.command import run

        deadline = self.deadline if within is None else self.deadline.within(within)
        return run(argv, deadline, input=input, environ=environ)

    def set_promotion_score(self, score: int | None) -> None:
        """Tell the cluster how much it should prefer this node for the Promoted role; None is not at all.

        Costs nothing while the score stays what this agent last said.
        """
        path, text = self.state_file("score"), str(score)
        if files.read(path) == text:
            return
        if score is None:
            self.cluster.clear_promotion_score()
        else:
            self.cluster.set_promotion_score(score)
        files.make_directory(self.operation.state_directory)
        files.write(path, text)

    def forget_promotion_score(self) -> None:
        """Say the score anew next time, and say now that there is none: the service starts or stops."""
        files.remove(self.state_file("score"))
        self.set_promotion_score(None)

    def tolerate(self, what: str, failure: Failure | None, times: int) -> bool:
        """Count failures in a row of `what`; whether this one is among the first `times`, to be overlooked.

        Called with None when it went well, which starts the count anew.
        """
        path = self.state_file(what)
        if failure is None:
            files.remove(path)
            return True
        count = int(files.read(path) or 0) + 1
        files.make_directory(self.operation.state_directory)
        files.write(path, str(count))
        self.logger.warning(f"{what}: {failure.reason} (time {count} in a row)")
        return count <= times

    def state_file(self, kind: str) -> str:
        """The path of a file of this instance that a reboot clears."""
        return f"{self.operation.state_directory}/{self.name}-{self.operation.unique_name}.{kind}"
