"""The base class of agents: a class with parameters and a method for each action.

The smallest agent implements `state`, `start` and `stop` (docs/write-an-agent.md). The kit adds the same
checks around every action:

- `start` and `promote` check all parameters first; `stop` and a probe check only those that they use.
- An action does nothing and succeeds if the service is already in the requested state (OCF: idempotent).
- After an action the kit checks the state again and reports success only if it is the requested one.
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

#: Operation timeout, in seconds, if neither Pacemaker nor the agent's metadata gives one.
TIMEOUT = 20.0

#: Attributes of an agent that the kit uses itself.
RESERVED = frozenset({"operation", "values", "degraded_reason", "logger", "deadline", "cluster"})


class Agent:
    """Base class of all agents. The class docstring of a subclass is the long description in its metadata.

    A subclass sets `name`, `summary` and `actions`, has parameters as attributes, and implements `state`,
    `start` and `stop`. It also implements `promote`, `demote`, `notify` and `reload_agent` if `actions`
    contains them.
    """

    name: str
    summary: str
    actions: tuple[Action, ...]

    def __init_subclass__(cls) -> None:
        for parameter in cls.parameters():
            if parameter.name in RESERVED or hasattr(Agent, parameter.name):
                raise TypeError(
                    f"{cls.__name__}: '{parameter.name}' is a reserved name and cannot be used for a "
                    "parameter"
                )

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.values: dict[str, object] = {}
        self.degraded_reason = ""
        self.logger = Log(self.name, operation.instance)
        self.deadline = Deadline(operation.timeout(self.suggested_timeout(operation.action)))
        self.cluster = Cluster(
            operation.node, operation.resource, self.run_command, optional=not operation.called_by_pacemaker
        )

    @classmethod
    def parameters(cls) -> Iterator[Parameter]:
        """Yield the parameters in the order of their definition."""
        for base in reversed(cls.__mro__):
            for value in vars(base).values():
                if isinstance(value, Parameter):
                    yield value

    @classmethod
    def suggested_timeout(cls, action: str) -> float:
        """Return the timeout, in seconds, that the metadata suggests for `action`."""
        return max((a.timeout for a in cls.actions if a.name == action), default=TIMEOUT)

    @classmethod
    def reloadable(cls) -> bool:
        """Return whether any parameter can change while the service runs."""
        return any(parameter.reloadable for parameter in cls.parameters())

    def state(self) -> int:
        """Return the state of the service as a code of `codes`. Change nothing.

        Raises Failure if the service runs but is broken.
        """
        raise NotImplementedError

    def monitor(self) -> int:
        """Return the result of a monitor. A subclass may also publish node attributes here."""
        return self.state()

    def start(self) -> None:
        """Start the service. The kit checks the state afterwards."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the service. The kit checks the state afterwards."""
        raise NotImplementedError

    def promote(self) -> None:
        """Promote the service."""
        raise NotImplementedError

    def demote(self) -> None:
        """Demote the service."""
        raise NotImplementedError

    def notify(self, notification: Notification) -> None:
        """Handle a notification about other instances. Be quick: the whole transition waits for it."""

    def reload_agent(self) -> None:
        """Apply changed reloadable parameters."""

    def validate(self) -> None:
        """Check conditions that involve several parameters or the node. Raises Failure."""

    def has_leftovers(self) -> bool:
        """Return whether a process that this agent started still exists, without reading any parameter.

        The kit calls this if a parameter that `state` needs is invalid. Nothing was started with that value,
        but an earlier start with other parameters may have left a process behind.
        """
        return False

    def degraded(self, reason: str, code: int = codes.DEGRADED) -> int:
        """Record why the service is degraded and return `code`. A monitor reports the reason."""
        self.degraded_reason = reason
        return code

    def if_persistent(self, code: int, seconds: float) -> int:
        """Return `code`, but report a degradation only after it has lasted for `seconds`.

        Pacemaker shows a degraded result until the resource is cleaned up, even if the service has recovered.
        """
        path = self.state_file("degraded")
        if code not in codes.UNDEGRADED:
            files.remove(path)
            return code
        since = files.read(path)
        if since is None:
            self.write_state("degraded", str(self.deadline.now))
            self.logger.info(self.degraded_reason)
        passed = self.deadline.now - float(since or self.deadline.now)
        return code if passed >= seconds else codes.UNDEGRADED[code]

    def require_mounted(self, directory: str) -> None:
        """Raise Failure if /etc/fstab has a file system for `directory` that is not mounted.

        Without this check, a service would take the empty mount point for a new installation. Log a warning
        if the directory is empty: a cluster may mount file systems that are not in /etc/fstab.
        """
        if files.is_unmounted(directory):
            raise Failure(
                f"the file system for {directory} in /etc/fstab is not mounted; run: mount {directory}",
                codes.INSTALLED,
            )
        if not files.names(directory):
            self.logger.warning(f"{directory} is empty; if it is a mount point, its file system is missing")

    def set_exit_reason(self, reason: str) -> None:
        """Print the exit reason that Pacemaker shows next to the result."""
        print(f"{self.operation.reason_prefix}{one_line(reason)}", file=sys.stderr, flush=True)

    def run_command(
        self,
        argv: Sequence[str],
        *,
        within: float | None = None,
        input: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command and return its result.

        Its time is limited by `within`, in seconds, and by the operation's deadline.
        """
        from pacemaker_os.ocf.command import run

        deadline = self.deadline if within is None else self.deadline.within(within)
        return run(argv, deadline, input=input, environ=environ)

    def set_promotion_score(self, score: int | None) -> None:
        """Set the promotion score of this node; None removes it.

        Publishing an unchanged score is free for the cluster. A recorded score would not show whether
        pacemaker-attrd still has it: it loses the attributes of its node when it fails.
        """
        if score is None:
            self.cluster.clear_promotion_score()
        else:
            self.cluster.set_promotion_score(score)

    def tolerate(self, what: str, failure: Failure | None, times: int) -> bool:
        """Count consecutive failures of `what`; return whether this one is still to be tolerated.

        `times` failures in a row are tolerated. Call it with None after a success to reset the count.
        """
        if failure is None:
            files.remove(self.state_file(what))
            return True
        count = int(files.read(self.state_file(what)) or 0) + 1
        self.write_state(what, str(count))
        self.logger.warning(f"{what}: {failure.reason} ({count} in a row)")
        return count <= times

    def state_file(self, kind: str) -> str:
        """Return the path of a state file of this instance. State files do not survive a reboot."""
        return f"{self.operation.state_directory}/{self.name}-{self.operation.unique_name}.{kind}"

    def write_state(self, kind: str, text: str) -> None:
        """Replace the content of a state file."""
        files.make_directory(self.operation.state_directory)
        files.write(self.state_file(kind), text)
