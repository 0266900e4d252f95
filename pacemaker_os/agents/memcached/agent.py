"""The actions of the memcached agent."""

from __future__ import annotations

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.network.stream import Refused, Stream
from pacemaker_os.ocf.parameter import Account, Integer, Port, Program, String

#: Timeout of a query, in seconds.
QUERY_TIMEOUT = 5.0


class Memcached(Agent):
    """Manages memcached. Each node has its own cache, as OpenStack services and token caches expect. The
    monitor sends a command to the server; a process that hangs is killed.
    """

    name = "memcached"
    summary = "memcached on every node"
    actions = (
        Action("start", timeout=20),
        Action("stop", timeout=20),
        Action("monitor", timeout=20, interval=10),
    )

    binary = Program("Server program.", default="memcached")
    user = Account("User that the server runs as.", default="memcache")
    address = String(
        "Listen address. The cache has no authentication, so do not use a public address.",
        default="127.0.0.1",
    )
    port = Port("Listen port.", default="11211", unique_group="port")
    memory = Integer(
        "Cache size, in MiB. A change takes effect immediately and keeps the content of the cache.",
        default="64",
        minimum=8,
        maximum=1 << 20,
        reloadable=True,
    )
    connections = Integer(
        "Maximum number of simultaneous connections.", default="4096", minimum=1, maximum=1 << 20
    )

    def daemon(self) -> Daemon:
        """Return the server process."""
        return Daemon(self.state_file("daemon"), programs=("memcached",))

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def send_command(self, command: str) -> str:
        """Send a command of the text protocol, and return the first line of the response."""
        with Stream(self.address, self.port, self.deadline.within(QUERY_TIMEOUT)) as stream:
            stream.send(f"{command}\r\n".encode())
            return stream.line().decode("ascii", "replace")

    def state(self) -> int:
        if not self.daemon().find():
            try:
                self.send_command("version")
            except Failure:
                return codes.NOT_RUNNING
            raise Failure(f"port {self.port} is in use by a server that this agent did not start")
        response = self.send_command("version")
        if not response.startswith("VERSION "):
            raise Failure(f"the response on port {self.port} is not from memcached")
        return codes.RUNNING

    def start(self) -> None:
        self.daemon().stop(self.deadline.part(0.5))
        output = self.state_file("output")
        files.remove(output)
        argv = [self.binary, "-u", self.user, "-l", self.address, "-p", str(self.port)]
        argv += ["-m", str(self.memory), "-c", str(self.connections)]
        self.daemon().launch(argv, user="root", log=output, open_files=self.connections + 64)
        self.deadline.wait("memcached to respond", self.responds, every=0.02)

    def responds(self) -> bool:
        """Return whether the server responds. Raises Failure if it has exited."""
        if not self.daemon().find():
            lines = files.tail(self.state_file("output")).strip().splitlines()
            raise Failure(f"memcached exited during startup: {lines[-1] if lines else 'no output'}")
        try:
            return self.send_command("version") != ""
        except Refused:
            return False

    def stop(self) -> None:
        self.daemon().stop(self.deadline)

    def reload_agent(self) -> None:
        response = self.send_command(f"cache_memlimit {self.memory}")
        if response != "OK":
            raise Failure(
                f"memcached rejected a cache size of {self.memory} MiB: {response or 'no response'}"
            )


AGENT = Memcached
