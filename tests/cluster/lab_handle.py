"""What a test does with a lab."""

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


def pcs_os(*words: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    """Run the product as a user does."""
    line = [sys.executable, "-m", "pacemaker_os", *words]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=900)
    assert ended.returncode in ok, f"{' '.join(words)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended


def down(name: str) -> None:
    """Take a lab away."""
    pcs_os("lab", "down", "--name", name)


@contextmanager
def lab_up(name: str, *options: str) -> Iterator[None]:
    """A lab made anew, which is taken away at the end whatever happens."""
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
        assert passed < timeout, f"after {timeout:g} s: {what} has not come true"
        time.sleep(0.2)
    return time.monotonic() - begin


def cluster_nodes(states: list[dict[str, Any]]) -> set[str]:
    """The cluster nodes of a lab, by name, in what `pcs-os lab status` says."""
    return {state["node"] for state in states if state["role"] == "node"}


@dataclass(frozen=True)
class LabHandle:
    """A lab that runs."""

    engine: DockerClient
    name: str

    @property
    def nodes(self) -> list[str]:
        """The cluster nodes and remote nodes, by name."""
        return [state["node"] for state in self.states() if state["role"] != "bmc"]

    @property
    def members(self) -> set[str]:
        """The cluster nodes, by name."""
        return cluster_nodes(self.states())

    def states(self) -> list[dict[str, Any]]:
        """What `pcs-os lab status` says."""
        states: list[dict[str, Any]] = json.loads(
            pcs_os("lab", "status", "--name", self.name, "--json").stdout
        )
        return states

    def container(self, name: str) -> str:
        """Docker's word for a node: running, paused, exited."""
        return next(str(state["container"]) for state in self.states() if state["node"] == name)

    def node(self, name: str) -> ContainerTransport:
        """The way to a node."""
        return ContainerTransport(f"{self.name}-{name}")

    def fault(self, kind: str, *words: str) -> None:
        """Break nodes, or heal them."""
        pcs_os("lab", "fault", kind, "--name", self.name, *words)

    def online(self, by: str) -> frozenset[str]:
        """The nodes that `by` takes for online, with quorum."""
        return online_nodes(self.node(by))

    def unclean(self, by: str) -> set[str]:
        """The nodes that `by` takes for lost and not yet fenced."""
        status = etree.fromstring(self.node(by).run(["crm_mon", "-1", "--output-as=xml"]).stdout)
        return {str(node.get("name")) for node in status.iterfind("nodes/node[@unclean='true']")}

    def version(self, by: str) -> tuple[str | None, ...]:
        """Which configuration a node has, and who decides; one that is just back has an older one."""
        said = self.node(by).run(["cibadmin", "--query", "--local"], ok=())
        try:
            cib = etree.fromstring(said.stdout)
        except etree.XMLSyntaxError:
            return ()
        return tuple(cib.get(name) for name in ("admin_epoch", "epoch", "dc-uuid"))

    def is_whole(self) -> bool:
        """Whether every node runs, takes all for online, and has the configuration that all have."""
        states = self.states()
        running = all(state["container"] == "running" for state in states)
        return running and self.agree(cluster_nodes(states))

    def agree(self, everyone: set[str]) -> bool:
        """Whether each of these nodes takes all of them for online, and all have one configuration."""
        online = all(self.online(node) >= everyone for node in everyone)
        return online and len({self.version(node) for node in everyone}) == 1

    def wait_online(self, timeout: float = 90.0) -> float:
        """Wait until every cluster node takes every one for online, and all have one configuration."""
        everyone = self.members
        try:
            return wait_until(f"{everyone} online", lambda: self.agree(everyone), timeout)
        except AssertionError as error:
            for node in sorted(everyone):
                error.add_note(f"{node}:\n{self.membership(node)}")
            raise

    def membership(self, node: str) -> str:
        """What a node knows of the others, and its last words on it."""
        asked = (
            ["corosync-quorumtool", "-s"],
            ["corosync-cfgtool", "-s"],
            ["crm_mon", "-1"],
            ["journalctl", "-n", "60", "--no-pager", "-u", "corosync", "-u", "pacemaker"],
        )
        return "\n".join(self.node(node).run(words, ok=()).text for words in asked)

    def started_at(self, node: str) -> float:
        """When the node was last switched on, in seconds of the epoch, by Docker's clock."""
        text = self.engine.api.inspect_container(f"{self.name}-{node}")["State"]["StartedAt"]
        return datetime.fromisoformat(text[:26] + "+00:00").timestamp()

    def fencings(self, node: str) -> set[str]:
        """When the cluster fenced a node, each time that it remembers; Pacemaker 2.1.5 says seconds alone."""
        witness = self.node(min(self.members - {node}))
        # Not verbose, it tells of the oldest of several.
        asked = ["stonith_admin", "--history", node, "--verbose", "--output-as=xml"]
        events = etree.fromstring(witness.run(asked, ok=()).stdout or b"<none/>").iter("fence_event")
        return {str(event.get("completed")) for event in events if event.get("status") == "success"}

    def seconds_until_fenced(self, node: str, break_it: Callable[[], object]) -> float:
        """Break a node and return the seconds from then until the cluster had fenced it."""
        before = self.fencings(node)
        break_it()
        try:
            return wait_until(f"{node} fenced", lambda: self.fencings(node) - before)
        except AssertionError as error:
            error.add_note(self.report(node))
            raise

    def quickest_fencing(self, node: str, fault: str, enough: float) -> float:
        """Break a node up to three times, until it is fenced in `enough` seconds; return the least.

        Seconds are the machine's too: one that is busy elsewhere delays what is quick by itself.
        """
        seconds = []
        for _ in range(3):
            seconds.append(self.seconds_until_fenced(node, lambda: self.fault(fault, node)))
            self.wait_online()
            if seconds[-1] < enough:
                break
        return min(seconds)

    def report(self, lost: str) -> str:
        """What the other nodes and the power switches say of a node that is not fenced."""
        witness = min(self.members - {lost})
        said = [self.node(witness).run(["crm_mon", "-1rf"], ok=()).text]
        said.append(self.node(witness).run(["journalctl", "-n", "80", "-u", "pacemaker"], ok=()).text)
        said.append(self.engine.containers.get(f"{self.name}-bmc").logs(tail=40).decode())
        return "\n".join([json.dumps(self.states()), *said])
