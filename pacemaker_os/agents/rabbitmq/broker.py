"""The broker on this node: its process, its AMQP listener, and rabbitmqctl."""

from __future__ import annotations

from pacemaker_os.agents.rabbitmq.store import Store, brokers
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.network.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pacemaker_os.ocf.command import Result
    from pacemaker_os.ocf.daemon import Daemon
    from pacemaker_os.ocf.deadline import Deadline

SCRIPTS = "/usr/lib/rabbitmq/bin"
SETPRIV = "/usr/bin/setpriv"

ENVIRONMENT_FILE = "/etc/rabbitmq/rabbitmq-env.conf"

#: Prints the additional arguments that the file $1 sets. RabbitMQ accepts both names.
ADDITIONAL_ARGUMENTS = """\
[ ! -f "$1" ] || . "$1" >/dev/null 2>&1
printf %s "${RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:-$SERVER_ADDITIONAL_ERL_ARGS}"
"""

#: Query for the peers that the broker sees. Mnesia no longer lists the peers that it was partitioned from.
PEERS_QUERY = (
    "{sees, case mnesia:system_info(is_running) of "
    "yes -> mnesia:system_info(running_db_nodes); _ -> [node() | nodes()] end, "
    "alarms, length(rabbit_alarm:get_alarms())}."
)

#: The protocol header of AMQP 0-9-1, to which a running broker responds with connection.start.
GREETING = b"AMQP\x00\x00\x09\x01"
#: The first bytes of the response: a method frame (1) on channel 0, then the size, class 10, method 10.
START_FRAME, START_METHOD = b"\x01\x00\x00", b"\x00\x0a\x00\x0a"


class Broker:
    """The broker of a node. `run` runs a command (Agent.run_command)."""

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
        run: Callable[..., Result],
    ) -> None:
        self.name, self.user, self.home, self.logs = name, user, home, logs
        self.port, self.dist_port, self.config = port, dist_port, config
        self.store, self._run = store, run

    def environ(self) -> dict[str, str]:
        """Return the environment of the broker and of its tools."""
        found = {
            "HOME": self.home,
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_MNESIA_BASE": self.store.base,
            "RABBITMQ_LOG_BASE": self.logs,
            # Makes the start script exec the broker instead of waiting for it in a shell.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
        if self.dist_port:
            found["RABBITMQ_DIST_PORT"] = str(self.dist_port)
        if self.config:
            found["RABBITMQ_CONFIG_FILE"] = self.config
        return found

    def launch(self, daemon: Daemon, log: str, *, niceness: int = 0, peer: str = "", flags: str = "") -> None:
        """Start it.

        A node without data joins the broker `peer` while it boots, and enables its feature `flags`.
        """
        environ = self.environ()
        if peer:
            join = f"-rabbit cluster_nodes {{['{peer}'],disc}}"
            environ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = f"{self.additional_arguments()} {join}".strip()
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

    def additional_arguments(self) -> str:
        """Return the operator's additional Erlang arguments.

        A variable in the environment would replace them. rabbitmq-env.conf is a shell script, so the shell
        reads it, as the broker's user.
        """
        argv = [SETPRIV, f"--reuid={self.user}", f"--regid={self.user}", "--init-groups", "/bin/sh", "-c"]
        result = self._run([*argv, ADDITIONAL_ARGUMENTS, "sh", ENVIRONMENT_FILE], environ=self.environ())
        return result.stdout.strip()

    def greet(self, deadline: Deadline) -> None:
        """Check that the AMQP listener responds.

        Raises Refused, TimedOut, or Failure for an invalid response.
        """
        with Stream("127.0.0.1", self.port, deadline) as stream:
            stream.send(GREETING)
            data = stream.exactly(11)
        if not (data.startswith(START_FRAME) and data[7:11] == START_METHOD):
            raise Failure(f"the response on AMQP port {self.port} is not from RabbitMQ")

    def ctl(self, *arguments: str, tool: str = "rabbitmqctl", node: str = "") -> Result:
        """Run rabbitmqctl, or another `tool`, as the broker's user.

        It starts an Erlang VM, which takes about 1 s.

        The tool connects to this node's broker, or to the broker `node`.
        """
        argv = [SETPRIV, f"--reuid={self.user}", f"--regid={self.user}", "--init-groups"]
        return self._run(
            [*argv, f"{SCRIPTS}/{tool}", "-n", node or self.name, *arguments], environ=self.environ()
        )

    def run_tool(self, *arguments: str, tool: str = "rabbitmqctl", node: str = "") -> str:
        """Run a tool and return its output. Raises Failure if it fails."""
        result = self.ctl(*arguments, tool=tool, node=node)
        if result.status:
            raise Failure(f"{tool} {arguments[0]}: {error_message(result)}")
        return result.stdout

    def peers_and_alarms(self) -> tuple[list[str], int]:
        """Return the peers that the broker sees, and the number of alarms that block publishers.

        Only this broker is queried: `cluster_status` queries all of them and hangs if one of them hangs.
        """
        peers, _, alarms = self.run_tool("eval", PEERS_QUERY).partition("alarms")
        return brokers(peers), int("".join(filter(str.isdigit, alarms)) or 0)


def error_message(result: Result) -> str:
    """Return the error message of a tool, without the pages of advice that follow it.

    A different cookie is the one cause that the message does not contain, only the advice.
    """
    lines = (result.stderr + result.stdout).splitlines()
    message = next((line for line in lines if line.startswith("Error: ")), result.error_line)
    if any("Authentication failed" in line and "cookie" in line for line in lines):
        message += "; the Erlang cookie of the peer is different: all nodes need the same .erlang.cookie"
    return message
