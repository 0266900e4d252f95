"""The broker on this node: its process, the greeting of its AMQP listener, and rabbitmqctl."""

from __future__ import annotations

from pacemaker_os.agents.rabbitmq.store import Store, brokers
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pacemaker_os.ocf.command import Result
    from pacemaker_os.ocf.daemon import Daemon
    from pacemaker_os.ocf.deadline import Deadline

SCRIPTS = "/usr/lib/rabbitmq/bin"
SETPRIV = "/usr/bin/setpriv"

#: What a broker is asked to learn whom it sees. Mnesia sees no more those that it was parted from.
LOOK = (
    "{sees, case mnesia:system_info(is_running) of "
    "yes -> mnesia:system_info(running_db_nodes); _ -> [node() | nodes()] end, "
    "alarms, length(rabbit_alarm:get_alarms())}."
)

#: The protocol header of AMQP 0-9-1; a broker that is alive answers with connection.start.
GREETING = b"AMQP\x00\x00\x09\x01"
#: The first bytes of its answer: a method frame (1) on channel 0, then size, class 10, method 10.
START_FRAME, START_METHOD = b"\x01\x00\x00", b"\x00\x0a\x00\x0a"


class Broker:
    """How the broker is found, run and asked. `ask` runs a command (Agent.ask)."""

    def __init__(
        self,
        *,
        name: str,
        user: str,
        home: str,
        logs: str,
        port: int,
        dist_port: int,
        config: str,
        store: Store,
        ask: Callable[..., Result],
    ) -> None:
        self.name, self.user, self.home, self.logs = name, user, home, logs
        self.port, self.dist_port, self.config = port, dist_port, config
        self.store, self._ask = store, ask

    def environ(self) -> dict[str, str]:
        """The environment of the broker and of its tools."""
        found = {
            "HOME": self.home,
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_MNESIA_BASE": self.store.base,
            "RABBITMQ_LOG_BASE": self.logs,
            # The start script then becomes the broker, instead of being a shell that waits for it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
        if self.dist_port:
            found["RABBITMQ_DIST_PORT"] = str(self.dist_port)
        if self.config:
            found["RABBITMQ_CONFIG_FILE"] = self.config
        return found

    def launch(self, daemon: Daemon, log: str, *, niceness: int = 0, peer: str = "", flags: str = "") -> None:
        """Start it. A node without data joins the broker `peer` while it boots, with its feature `flags`."""
        environ = self.environ()
        if peer:
            environ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = f"-rabbit cluster_nodes {{['{peer}'],disc}}"
        if flags:
            environ["RABBITMQ_FEATURE_FLAGS"] = flags
        daemon.launch(
            [f"{SCRIPTS}/rabbitmq-server"],
            user=self.user,
            log=log,
            directory=self.home,
            environ=environ,
            open_files=65536,
            niceness=niceness,
        )

    def greet(self, deadline: Deadline) -> None:
        """Have the AMQP listener answer. Raises Refused, TimedOut, or Failure for another answer."""
        with Stream("127.0.0.1", self.port, deadline) as stream:
            stream.send(GREETING)
            data = stream.exactly(11)
        if not (data.startswith(START_FRAME) and data[7:11] == START_METHOD):
            raise Failure(f"AMQP port {self.port} is answered by something else")

    def ctl(self, *words: str, tool: str = "rabbitmqctl", node: str = "") -> Result:
        """Run rabbitmqctl (or another `tool`) as the broker's user: an Erlang VM of about a second.

        It speaks to this node's broker, or to the broker `node`.
        """
        argv = [SETPRIV, f"--reuid={self.user}", f"--regid={self.user}", "--init-groups"]
        return self._ask(
            [*argv, f"{SCRIPTS}/{tool}", "-n", node or self.name, *words], environ=self.environ()
        )

    def must(self, *words: str, tool: str = "rabbitmqctl", node: str = "") -> str:
        """The same. Raises Failure when it fails."""
        result = self.ctl(*words, tool=tool, node=node)
        if result.status:
            raise Failure(f"{tool} {words[0]}: {complaint(result)}")
        return result.stdout

    def look_around(self) -> tuple[list[str], int]:
        """The brokers that this one works with, and how many alarms block publishers anywhere.

        Asked of this broker alone: `cluster_status` asks all of them, and hangs when one does.
        """
        said, _, alarms = self.must("eval", LOOK).partition("alarms")
        return brokers(said), int("".join(filter(str.isdigit, alarms)) or 0)


def complaint(result: Result) -> str:
    """What a tool complains of; pages of advice follow it."""
    lines = (result.stderr + result.stdout).splitlines()
    return next((line for line in lines if line.startswith("Error: ")), result.error_line)
