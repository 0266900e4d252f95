"""Operations on a lab, for tests."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lxml import etree

from pacemaker_os.cluster.setup.facts import online_nodes
from pacemaker_os.transport.container import ContainerTransport

if TYPE_CHECKING:
    from docker import DockerClient


def pcs_os(*args: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    """Run pcs-os as a user does."""
    line = [sys.executable, "-m", "pacemaker_os", *args]
    done = subprocess.run(line, capture_output=True, text=True, timeout=900)
    assert done.returncode in ok, f"{' '.join(args)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def down(name: str) -> None:
    """Remove a lab."""
    pcs_os("lab", "down", "--name", name)


@contextmanager
def lab_up(name: str, *options: str) -> Iterator[None]:
    """Create a lab, and always remove it at the end."""
    down(name)
    try:
        pcs_os("lab", "up", "--name", name, *options)
        yield
    finally:
        down(name)


def wait_until(what: str, condition: Callable[[], object], timeout: float = 90.0) -> float:
    """Wait for a condition and return the seconds it took; fail after `timeout`."""
    begin = time.monotonic()
    while not condition():
        passed = time.monotonic() - begin
        assert passed < timeout, f"timed out after {timeout:g} s: {what}"
        time.sleep(0.2)
    return time.monotonic() - begin


def cluster_nodes(states: list[dict[str, Any]]) -> set[str]:
    """Return the names of the cluster nodes in the output of `pcs-os lab status`."""
    return {state["node"] for state in states if state["role"] == "node"}


@dataclass(frozen=True)
class LabHandle:
    """A running lab."""

    engine: DockerClient
    name: str

    @property
    def nodes(self) -> list[str]:
        """The names of the cluster nodes and remote nodes."""
        return [state["node"] for state in self.states() if state["role"] != "bmc"]

    @property
    def members(self) -> set[str]:
        """The names of the cluster nodes."""
        return cluster_nodes(self.states())

    def states(self) -> list[dict[str, Any]]:
        """Return the output of `pcs-os lab status`."""
        states: list[dict[str, Any]] = json.loads(
            pcs_os("lab", "status", "--name", self.name, "--json").stdout
        )
        return states

    def container(self, name: str) -> str:
        """Return the container state of a node: running, paused or exited."""
        return next(str(state["container"]) for state in self.states() if state["node"] == name)

    def node(self, name: str) -> ContainerTransport:
        """Return a transport to a node."""
        return ContainerTransport(f"{self.name}-{name}")

    def fault(self, kind: str, *args: str) -> None:
        """Inject a fault, or heal one."""
        pcs_os("lab", "fault", kind, "--name", self.name, *args)

    def online(self, by: str) -> frozenset[str]:
        """Return the nodes that are online according to `by`, if it has quorum."""
        return online_nodes(self.node(by))

    def unclean(self, by: str) -> set[str]:
        """Return the nodes that are UNCLEAN according to `by`."""
        status = etree.fromstring(self.node(by).run(["crm_mon", "-1", "--output-as=xml"]).stdout)
        return {str(node.get("name")) for node in status.iterfind("nodes/node[@unclean='true']")}

    def version(self, by: str) -> tuple[str | None, ...]:
        """Return CIB version and DC according to a node; a node that just rejoined has an older version."""
        done = self.node(by).run(["cibadmin", "--query", "--local"], ok=())
        try:
            cib = etree.fromstring(done.stdout)
        except etree.XMLSyntaxError:
            return ()
        return tuple(cib.get(name) for name in ("admin_epoch", "epoch", "dc-uuid"))

    def is_complete(self) -> bool:
        """Return whether all nodes run, report all nodes as online, and have the same configuration."""
        states = self.states()
        running = all(state["container"] == "running" for state in states)
        return running and self.agree(cluster_nodes(states))

    def agree(self, everyone: set[str]) -> bool:
        """Return whether these nodes report each other as online and have the same configuration."""
        online = all(self.online(node) >= everyone for node in everyone)
        return online and len({self.version(node) for node in everyone}) == 1

    def wait_online(self, timeout: float = 90.0) -> float:
        """Wait until the cluster nodes report each other as online and have the same configuration."""
        everyone = self.members
        try:
            return wait_until(f"{everyone} online", lambda: self.agree(everyone), timeout)
        except AssertionError as error:
            for node in sorted(everyone):
                error.add_note(f"{node}:\n{self.membership(node)}")
            raise

    def membership(self, node: str) -> str:
        """Return the membership according to a node, with the end of its journal."""
        commands = (
            ["corosync-quorumtool", "-s"],
            ["corosync-cfgtool", "-s"],
            ["crm_mon", "-1"],
            ["journalctl", "-n", "60", "--no-pager", "-u", "corosync", "-u", "pacemaker"],
        )
        return "\n".join(self.node(node).run(command, ok=()).text for command in commands)

    def started_at(self, node: str) -> float:
        """Return when the node was last powered on, in seconds since the epoch, according to Docker."""
        text = self.engine.api.inspect_container(f"{self.name}-{node}")["State"]["StartedAt"]
        return datetime.fromisoformat(text[:26] + "+00:00").timestamp()

    def fencings(self, node: str) -> set[str]:
        """Return the times in the fencing history of a node; Pacemaker 2.1.5 has a resolution of seconds."""
        witness = self.node(min(self.members - {node}))
        # Without --verbose, only the oldest event is printed.
        command = ["stonith_admin", "--history", node, "--verbose", "--output-as=xml"]
        events = etree.fromstring(witness.run(command, ok=()).stdout or b"<none/>").iter("fence_event")
        return {str(event.get("completed")) for event in events if event.get("status") == "success"}

    def seconds_until_fenced(self, node: str, inject: Callable[[], object]) -> float:
        """Inject a fault and return the time until the cluster fenced the node, in seconds."""
        before = self.fencings(node)
        inject()
        try:
            return wait_until(f"{node} fenced", lambda: self.fencings(node) - before)
        except AssertionError as error:
            error.add_note(self.report(node))
            raise

    def quickest_fencing(self, node: str, fault: str, enough: float) -> float:
        """Inject a fault up to three times, until the node is fenced in `enough` seconds; return the minimum.

        Fencing takes longer while the machine is busy with other work.
        """
        seconds = []
        for _ in range(3):
            seconds.append(self.seconds_until_fenced(node, lambda: self.fault(fault, node)))
            self.wait_online()
            if seconds[-1] < enough:
                break
        return min(seconds)

    def report(self, failed: str) -> str:
        """Return the status and logs of the other nodes and the fencing devices for an unfenced node."""
        witness = min(self.members - {failed})
        texts = [self.node(witness).run(["crm_mon", "-1rf"], ok=()).text]
        texts.append(self.node(witness).run(["journalctl", "-n", "80", "-u", "pacemaker"], ok=()).text)
        texts.append(self.engine.containers.get(f"{self.name}-bmc").logs(tail=40).decode())
        return "\n".join([json.dumps(self.states()), *texts])
