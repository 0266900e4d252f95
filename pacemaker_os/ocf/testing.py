"""A scripted cluster for tests: agents run in it without Pacemaker, daemons, or real time.

    world = World()
    world.attributes["galera-position"] = {"node2": "..."}
    result = world.run(world.agent(Galera, "monitor", node="node1", parameters={"datadir": "/tmp/x"}))
    assert result.code == codes.NOT_RUNNING

All nodes share the attributes. Time passes only when an agent sleeps.
"""

from __future__ import annotations

from pacemaker_os.ocf.cluster import Cluster, Node
from pacemaker_os.ocf.command import Result
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.operation import META, PREFIX, Operation
from pacemaker_os.ocf.run import perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pacemaker_os.ocf.agent import Agent


class ActionResult:
    """The result of an action: the exit code, and the last exit reason."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason

    def __repr__(self) -> str:
        return f"ActionResult({self.code}, {self.reason!r})"


class ScriptedCluster(Cluster):
    """A cluster with the attributes of a World."""

    def __init__(self, world: World, node: str, resource: str) -> None:
        super().__init__(node, resource, world.run_command)
        self.world = world

    def attributes(self, name: str) -> dict[str, str]:
        return dict(self.world.attributes.get(name, {}))

    def publish(self, name: str, value: str, *, node: str = "") -> None:
        self.world.attributes.setdefault(name, {})[node or self.node] = value

    def publish_private(self, name: str, value: str) -> None:
        self.publish(name, value)

    def withdraw(self, name: str, *, node: str = "") -> None:
        self.world.attributes.get(name, {}).pop(node or self.node, None)

    def permanent(self, name: str) -> str:
        return self.world.permanent.get((self.node, name), "")

    def set_permanent(self, name: str, value: str) -> None:
        self.world.permanent[self.node, name] = value

    def nodes(self) -> dict[str, Node]:
        return {
            name: Node(name, online=name in self.world.online, clean=True, maintenance=False)
            for name in self.world.nodes
        }


class World:
    """The environment of an agent.

    `results` maps a program, or a program and its first argument, to its result.
    """

    def __init__(self, nodes: Sequence[str] = ("node1", "node2", "node3")) -> None:
        self.nodes = list(nodes)
        self.online = set(nodes)
        self.attributes: dict[str, dict[str, str]] = {}
        self.permanent: dict[tuple[str, str], str] = {}
        self.results: dict[str, Result | Callable[[Sequence[str]], Result]] = {}
        self.commands: list[list[str]] = []
        self.now = 0.0

    def clock(self) -> float:
        """Return the simulated time, in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.now += seconds

    def run_command(self, argv: Sequence[str], **_: object) -> Result:
        """Return the scripted result of a command; an unknown program is not found."""
        self.commands.append(list(argv))
        name = argv[0].rpartition("/")[2]
        for key in (" ".join([name, *argv[1:2]]), name):
            if key in self.results:
                result = self.results[key]
                return result if isinstance(result, Result) else result(argv)
        return Result(127, "", f"{name}: not found")

    def agent(
        self,
        kind: type[Agent],
        action: str,
        *,
        node: str = "node1",
        instance: str = "resource",
        parameters: Mapping[str, str] | None = None,
        meta: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Agent:
        """Return an agent that is about to run `action` on `node`."""
        environment = {"OCF_RESOURCE_INSTANCE": instance, f"{PREFIX}{META}on_node": node}
        environment |= {PREFIX + name: value for name, value in (parameters or {}).items()}
        environment |= {PREFIX + META + name: value for name, value in (meta or {}).items()}
        agent = kind(Operation(action, environment | dict(environ or {})))
        seconds = agent.operation.timeout(agent.suggested_timeout(action))
        agent.deadline = Deadline(seconds, clock=self.clock, sleep=self.sleep)
        agent.cluster = ScriptedCluster(self, node, agent.operation.resource)
        agent.run_command = self.run_command  # type: ignore[method-assign]  # the point of this class
        return agent

    def run(self, agent: Agent) -> ActionResult:
        """Run the agent's action, and return its exit code and exit reason."""
        reasons = [""]
        agent.set_exit_reason = reasons.append  # type: ignore[assignment,method-assign]  # the point of this class
        return ActionResult(perform(agent), reasons[-1])
