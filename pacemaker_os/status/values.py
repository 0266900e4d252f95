"""The values that a look at a cluster consists of. `to_json` of `State` is what `status --json` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pacemaker_os.plan.failures import Failure

#: The number of the form that `to_json` has: raised when something in it changes its name or its meaning.
FORMAT = 2

#: How bad a finding is. danger: a service is away, or the next failure takes one. warning: something is
#: not as it should be. note: somebody has asked for it to be so.
Severity = Literal["critical", "warning", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node. `state` is online, offline, unclean, pending, standby, maintenance or unknown.

    `unknown`: the CIB is a file in which no node has ever said anything. `by_failure`: it is in standby
    because an operation failed whose on-fail is standby. `kind` is member, remote or guest.
    """

    name: str
    state: str
    online: bool
    kind: str = "member"
    is_dc: bool = False
    running: int = 0
    by_failure: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """A role, and the nodes on which a service has it."""

    role: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A resource with all its instances.

    `kind` is primitive, clone, promotable or bundle; `id` is the primitive's (of a bundle, the bundle's),
    `parts` the primitives of a bundle, and `parents` the groups and clones around it, outermost first.
    `idle` counts instances that run nowhere, `pending` says what is under way (Starting, Monitoring);
    `needs` are the services that it never runs without, by their ids. `degraded`: it serves, and its
    monitor says that it is less than well.
    """

    id: str
    kind: str
    agent: str
    placements: tuple[Placement, ...] = ()
    parents: tuple[str, ...] = ()
    group: str = ""
    parts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    stopped_instances: int = 0
    managed: bool = True
    failed: bool = False
    blocked: bool = False
    orphaned: bool = False
    maintenance: bool = False
    pending: tuple[str, ...] = ()
    target_role: str = ""
    degraded: bool = False

    @property
    def runs(self) -> bool:
        """Whether it runs anywhere."""
        return bool(self.placements)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node that it runs on."""
        return tuple(node for placement in self.placements for node in placement.nodes)

    @property
    def names(self) -> frozenset[str]:
        """Every name that it goes by in failures, bans and constraints."""
        return frozenset((self.id, *self.parts, *self.parents))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fencing:
    """A fencing action that was asked for: `status` is success, failed or pending."""

    target: str
    action: str
    status: str
    device: str = ""
    client: str = ""
    when: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What somebody holds for a while.

    `kind` is one of ban, prefer, stopped, unpromoted, unmanaged, maintenance, standby, node-maintenance,
    maintenance-mode, stop-all-resources or ticket; `what` is the resource, node or ticket, `node` where a
    ban or preference is, `until` when it ends by itself (a time; empty: never).
    """

    kind: str
    what: str = ""
    node: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How the objects of one document differ from what was last applied of it.

    `gone` and `changed` name objects, with the places that differ; `unknown` counts objects whose content
    nobody remembers: they were adopted as they were, or the history is gone.
    """

    document: str
    objects: int
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should know, and the command that comes next.

    `code` is a stable word; `subject` is what it is about; `reason` holds an agent's own words.
    `command` is an argument list for a cluster node, empty when there is nothing to run.
    """

    code: str
    severity: Severity
    subject: str
    text: str
    reason: str = ""
    advice: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One look at a cluster.

    `dc` is the designated controller, empty when there is none; `cib` the version of the CIB. `fencing`:
    it is enabled; `devices`: how many fencing devices are configured. `live` is False for a CIB on disk.
    """

    cluster: str
    live: bool
    when: str
    version: str
    cib: str
    dc: str
    quorum: bool
    fencing: bool
    devices: int
    nodes: tuple[Node, ...] = ()
    services: tuple[Service, ...] = ()
    failures: tuple[Failure, ...] = ()
    fenced: tuple[Fencing, ...] = ()
    overrides: tuple[Override, ...] = ()
    documents: tuple[Drift, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def members(self) -> tuple[Node, ...]:
        """The nodes that vote."""
        return tuple(node for node in self.nodes if node.kind == "member")

    def expected_services(self) -> Iterator[Service]:
        """Yield the services that should run, as far as anybody can say."""
        for service in self.services:
            if service.target_role != "Stopped" and not service.orphaned:
                yield service

    def overrides_of(self, *kinds: str) -> tuple[Override, ...]:
        """The holds of these kinds."""
        return tuple(each for each in self.overrides if each.kind in kinds)

    def to_json(self) -> dict[str, Any]:
        """The state as JSON can say it; docs/status.md says what each name means."""
        return {"format": FORMAT, **asdict(self)}
