"""The actions of the memcached agent."""

from __future__ import annotations

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.parameter import Account, Integer, Port, Program, String
from pacemaker_os.ocf.stream import Refused, Stream

#: Seconds that an answer may take.
ANSWER = 5.0


class Memcached(Agent):
    """memcached on every node, each a cache of its own, as OpenStack's services and their tokens use it.
    It is judged by its answer, and a process that hangs is killed.
    """

    name = "memcached"
    summary = "memcached: a cache on every node"
    actions = (
        Action("start", timeout=20),
        Action("stop", timeout=20),
        Action("monitor", timeout=20, interval=10),
    )

    binary = Program("The server's program.", default="memcached")
    user = Account("The user that the server runs as.", default="memcache")
    address = String(
        "The address that it listens on; the cache has no password, so not a public one.", default="127.0.0.1"
    )
    port = Port("The port that it listens on.", default="11211", unique_group="port")
    memory = Integer(
        "The size of the cache in MiB; a change takes effect at once and keeps what is in the cache.",
        default="64",
        minimum=8,
        maximum=1 << 20,
        reloadable=True,
    )
    connections = Integer(
        "How many connections it accepts at once.", default="4096", minimum=1, maximum=1 << 20
    )

    def daemon(self) -> Daemon:
        """The server's process."""
        return Daemon(self.state_file("daemon"), programs=("memcached",))

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def ask_server(self, word: str) -> str:
        """The first line of the answer to a command of the text protocol."""
        with Stream(self.address, self.port, self.deadline.within(ANSWER)) as stream:
            stream.send(f"{word}\r\n".encode())
            return stream.line().decode("ascii", "replace")

    def state(self) -> int:
        if not self.daemon().find():
            try:
                self.ask_server("version")
            except Failure:
                return codes.NOT_RUNNING
            raise Failure(f"port {self.port} is in use by something that this agent did not start")
        answer = self.ask_server("version")
        if not answer.startswith("VERSION "):
            raise Failure(f"port {self.port} is answered by something that is no memcached")
        return codes.RUNNING

    def start(self) -> None:
        self.daemon().stop(self.deadline.part(0.5))
        output = self.state_file("output")
        files.remove(output)
        argv = [self.binary, "-u", self.user, "-l", self.address, "-p", str(self.port)]
        argv += ["-m", str(self.memory), "-c", str(self.connections)]
        self.daemon().launch(argv, user="root", log=output, open_files=self.connections + 64)
        self.deadline.wait("memcached to answer", self.answers, every=0.02)

    def answers(self) -> bool:
        """Whether it answers. Raises Failure when it ended instead."""
        if not self.daemon().find():
            said = files.tail(self.state_file("output")).strip().splitlines()
            raise Failure(f"memcached ended while it started: {said[-1] if said else 'it said nothing'}")
        try:
            return self.ask_server("version") != ""
        except Refused:
            return False

    def stop(self) -> None:
        self.daemon().stop(self.deadline)

    def reload_agent(self) -> None:
        answer = self.ask_server(f"cache_memlimit {self.memory}")
        if answer != "OK":
            raise Failure(f"memcached did not take {self.memory} MiB as its size: {answer or 'no answer'}")


AGENT = Memcached
