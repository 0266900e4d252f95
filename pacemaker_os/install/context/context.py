"""A deployment under way: the nodes and how to reach them, what is known of each, and who is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pacemaker_os.cluster import Cluster, Target, connect
from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.install.agents import Release, release
from pacemaker_os.install.facts.host_facts import HostFacts
from pacemaker_os.install.nodes.log import LoggedTransport
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.wanted import WantedHost
from pacemaker_os.secret import Secret

#: What steps of the whole cloud, and not of one node, are told under.
CLOUD = "cloud"


class DeployFailed(PacemakerOsError):
    """A step failed on a node: which, what was said, and how to go on."""

    code = "deploy-failed"


@dataclass(frozen=True, slots=True)
class News:
    """A step that begins (`seconds` is None) or has ended well on a node, in a phase."""

    phase: str
    node: str
    step: str
    seconds: float | None


@dataclass(slots=True)
class Run:
    """A deployment under way, of all services or of those in `only`.

    `facts` and `wanted` are filled by the first phase. `is_whole` is whether the cluster's configuration has
    everything already, None before anybody asked.
    """

    deployment: Deployment
    cloud: Cloud
    secrets: Mapping[str, Secret]
    transports: Mapping[str, LoggedTransport]
    logs: Path
    tell: Callable[[News], None]
    only: tuple[str, ...] = ()
    wanted: dict[str, WantedHost] = field(default_factory=dict)
    facts: dict[str, HostFacts] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    is_whole: bool | None = None
    phase: str = ""
    release: Release = field(default_factory=release)

    @property
    def services(self) -> tuple[str, ...]:
        """The services that this is about, each after what it needs."""
        return tuple(name for name in self.cloud.services if not self.only or name in self.only)

    @property
    def document(self) -> Path:
        """Where the cluster's document is kept: beside the topology."""
        topology = Path(self.deployment.file)
        return topology.with_name(f"{topology.stem}.cib.yaml")

    @property
    def addresses(self) -> dict[str, str]:
        """The address of every node by its name."""
        return {host.name: host.address for host in self.cloud.hosts}

    @property
    def controllers(self) -> tuple[str, ...]:
        """The members of the cluster."""
        return self.deployment.members.names

    @property
    def first(self) -> str:
        """The controller where what is to be run once is run."""
        return self.controllers[0]

    def cluster(self) -> Cluster:
        """The cluster, reached through its first member."""
        node = self.deployment.members.nodes[0]
        return connect(Target(container=node.container, ssh=node.ssh))

    @contextmanager
    def step(self, node: str, step: str) -> Iterator[None]:
        """Tell of a step; what goes wrong in it is raised as DeployFailed."""
        begin, phase = time.monotonic(), self.phase
        self.tell(News(phase, node, step, None))
        try:
            yield
        except DeployFailed:
            raise
        except PacemakerOsError as error:
            said = "\n".join(problem.message for problem in error.problems)
            log = self.logs / f"{node}.log" if node in self.transports else self.logs
            raise DeployFailed(
                f"{node}: {step}: {said}\nall of it is in {log}; what was done stays, "
                "and the same command goes on from here"
            ) from error
        self.tell(News(phase, node, step, time.monotonic() - begin))

    def note_change(self, node: str, what: str) -> None:
        """Remember that something was changed."""
        self.changed.append(f"{node}: {what}")


def together(function: Callable[[str], None], nodes: Iterable[str]) -> None:
    """Do the same for several nodes at once; the first error is raised when all have ended."""
    names = list(nodes)
    if not names:
        return
    with ThreadPoolExecutor(max_workers=min(16, len(names))) as pool:
        list(pool.map(function, names))


def in_turn(function: Callable[[str], None], nodes: Iterable[str]) -> None:
    """Do the same for several nodes, strictly one after the other."""
    for name in nodes:
        function(name)
