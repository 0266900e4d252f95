"""The values of a cluster's status. `pcs-os status --json` prints the result of `State.to_json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, field, replace
from typing import Any

from pacemaker_os.cib.overrides import Override
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.verification import Verification
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.health.health import Health
from pacemaker_os.status.judgement import UNKNOWN, Judgement
from pacemaker_os.status.reason import Reason

#: Format number of the result of `to_json`: raised when a key changes its name or its meaning.
FORMAT = 3


@dataclass(frozen=True, slots=True)
class HealthAttribute:
    """A health attribute of a node; `lasting` if it is in the configuration and not in the status."""

    name: str
    value: str
    lasting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node. `state` is online, offline, unclean, pending, standby, maintenance or unknown.

    `unknown` means a CIB file without a status. `by_failure` means standby because an operation with
    on-fail=standby failed. `kind` is member, remote or guest. `unhealthy` are the health attributes that keep
    resources away.
    """

    name: str
    state: str
    online: bool
    kind: str = "member"
    is_dc: bool = False
    running: int = 0
    by_failure: bool = False
    unhealthy: tuple[HealthAttribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """A role of a service, and the nodes where the service has this role."""

    role: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A resource with all its instances.

    `kind` is primitive, clone, promotable or bundle. `id` is the id of the primitive or of the bundle,
    `parts` are the primitives of a bundle, and `parents` the groups and clones that contain the service,
    outermost first. `stopped_instances` is a number. `pending` lists actions in progress (Starting,
    Monitoring). `needs` are the ids of the services that it cannot run without. `degraded` means that it
    runs, but its monitor reports a problem. `hanging` are the roles that it had on nodes whose state is
    unknown; these nodes are not in `placements`. `judgement` is the state that every view shows.
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
    hanging: tuple[Placement, ...] = ()
    judgement: Judgement = UNKNOWN

    @property
    def runs(self) -> bool:
        """Whether an instance runs, or is starting or stopping, on a node whose state is known."""
        return bool(self.placements)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that the service runs on."""
        return tuple(node for placement in self.placements for node in placement.nodes)

    def to_json(self) -> dict[str, Any]:
        """Return the service as JSON data; the judgement is part of it."""
        data = asdict(self)
        return {**data, **data.pop("judgement")}

    @property
    def names(self) -> frozenset[str]:
        """The names that failures, bans and constraints use for the service."""
        return frozenset((self.id, *self.parts, *self.parents))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fencing:
    """A fencing action: `status` is success, failed or pending."""

    target: str
    action: str
    status: str
    device: str = ""
    client: str = ""
    when: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The drift of the objects of one document.

    `removed` and `changed` name objects, the latter with the paths that differ. `unknown` is the number of
    objects without a history record: they were adopted unchanged, or the history was lost. `files` are those
    that the document was last applied from, where the history names them.
    """

    document: str
    objects: int
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unknown: int = 0
    files: tuple[str, ...] = field(default=(), compare=False)

    @property
    def gone(self) -> bool:
        """Whether the cluster has none of the objects."""
        return len(self.removed) == self.objects


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of a cluster at one time.

    `dc` is the designated controller, or empty. `cib` is the CIB version. `fencing` is whether fencing is
    enabled, and `devices` the number of configured fencing devices. `live` is False for a CIB file.
    `verification` is Pacemaker's own opinion of the configuration. `reasons` are why services do not run, by
    the id of the service, `retries` when their failures expire, and `origins` the positions of objects in
    their documents. With `keeps_orphans`, resources that are no longer configured are not stopped. `health`
    is what the nodes report about themselves.
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
    verification: tuple[Verification, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict, repr=False)
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    retries: Mapping[str, str] = field(default_factory=dict)
    keeps_orphans: bool = False
    findings: tuple[Finding, ...] = ()
    health: Health = field(default_factory=Health)

    @property
    def members(self) -> tuple[Node, ...]:
        """The cluster nodes, without remote and guest nodes."""
        return tuple(node for node in self.nodes if node.kind == "member")

    def expected_services(self) -> Iterator[Service]:
        """Yield the services that should run: neither stopped by an operator nor orphaned."""
        for service in self.services:
            if service.target_role != "Stopped" and not service.orphaned:
                yield service

    @property
    def is_well(self) -> bool:
        """Whether nothing is held, failed, missing or unknown."""
        nodes = all(node.state == "online" for node in self.nodes)
        services = all(service.judgement.is_well for service in self.services)
        return nodes and services and not self.findings

    @property
    def common_reason(self) -> str:
        """The one reason for which no service can run, or an empty text."""
        if not self.quorum:
            return "no quorum"
        if not any(node.state == "online" for node in self.nodes):
            return "no node can run resources"
        if self.fencing and not self.devices:
            return "fencing is enabled but no device is configured"
        return ""

    def overrides_of(self, *kinds: str) -> tuple[Override, ...]:
        """Return the overrides of these kinds."""
        return tuple(each for each in self.overrides if each.kind in kinds)

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON data; docs/status.md describes the keys."""
        overrides = [override.to_json() for override in self.overrides]
        services = [service.to_json() for service in self.services]
        # The logs of the nodes are not part of the data.
        data = asdict(replace(self, health=Health()))
        del data["origins"]
        return {
            "format": FORMAT,
            "is_well": self.is_well,
            **data,
            "services": services,
            "overrides": overrides,
            "health": self.health.to_json(),
        }
