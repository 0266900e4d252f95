"""The rules for instances: which are evacuated, which never are, and in which order. Pure.

A rule has the form `KIND:PATTERN`. The pattern may contain * and ? as in a shell, and is not case-sensitive.

    flavor:ha=true          an extra spec, or the name of the flavor: flavor:m1.*
    image:ha=true           an image property, or tag:NAME=true
    aggregate:ha=true       a metadata key of an aggregate of the failed host, or the name of the aggregate
    project:0f3c*           the project id
    tag:ha                  an instance tag
    metadata:HA_Enabled=*   an instance metadata key
    name:amphora-*          the instance name
    server:1b2c*            the instance id
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pacemaker_os.ocf.codes import CONFIGURED, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pacemaker_os.agents.nova_evacuate.nova.values import Aggregate, Server


@dataclass(frozen=True, slots=True)
class InstanceContext:
    """Properties of an instance that are not part of Nova's description of it."""

    image: Mapping[str, str] = field(default_factory=dict)
    aggregates: tuple[Aggregate, ...] = ()


def pairs(values: Mapping[str, str]) -> list[str]:
    """Return each entry as NAME=VALUE."""
    return [f"{name}={value}" for name, value in values.items()]


#: The values that each kind of rule is matched with.
VALUES: dict[str, Callable[[Server, InstanceContext], Iterable[str]]] = {
    "flavor": lambda server, _: [server.flavor.name, *pairs(server.flavor.extra)],
    "image": lambda server, around: [server.image, *pairs(around.image)],
    "aggregate": lambda _, around: [
        value for each in around.aggregates for value in (each.name, *pairs(each.metadata))
    ],
    "project": lambda server, _: [server.project],
    "tag": lambda server, _: server.tags,
    "metadata": lambda server, _: pairs(server.metadata),
    "name": lambda server, _: [server.name],
    "server": lambda server, _: [server.id],
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for instances."""

    kind: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.pattern}"

    def matches(self, server: Server, around: InstanceContext) -> bool:
        """Return whether the rule matches an instance."""
        pattern = self.pattern.lower()
        return any(fnmatchcase(value.lower(), pattern) for value in VALUES[self.kind](server, around))


def rules(text: str) -> tuple[Rule, ...]:
    """Return the rules in a text. Raises Failure for an invalid rule."""
    found = []
    for value in text.split():
        kind, colon, pattern = value.partition(":")
        if kind not in VALUES or not colon or not pattern:
            kinds = ", ".join(VALUES)
            raise Failure(
                f"'{value}' is not a valid rule; use KIND:PATTERN, where KIND is one of {kinds}", CONFIGURED
            )
        found.append(Rule(kind, pattern))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of an operator. Without a rule in `include`, all instances are included.

    With `shared_storage`, every host can access the disks of every instance. Without it, an instance with a
    local disk would be rebuilt with an empty disk, so it is evacuated only if a rule of `rebuild` matches.
    """

    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()
    rebuild: tuple[Rule, ...] = ()
    shared_storage: bool = False
    priority: str = "evacuation-priority"

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of rules in use; other properties are not queried."""
        return frozenset(rule.kind for rule in (*self.include, *self.exclude, *self.rebuild))


#: Extra specs of flavors that tie an instance to a device of its host, and descriptions of these devices.
DEVICES = {
    "pci_passthrough:alias": "a PCI device",
    "accel:device_profile": "an accelerator",
    "resources:vgpu": "a virtual GPU",
    "hw:pmem": "persistent memory",
    "hw:tpm_version": "a virtual TPM, whose state is on its host",
}

#: States of instances that Nova can evacuate.
EVACUABLE = ("active", "stopped", "error")

#: Task states at the time of the failure that make the location of the instance uncertain.
ELSEWHERE = ("migrating", "resize_migrating", "resize_migrated", "resize_finish", "resize_prep")


def local_disk(server: Server) -> str:
    """Return the disk that would be empty after an evacuation without shared storage, or an empty string."""
    if server.image:
        return "root disk"
    if server.flavor.ephemeral:
        return "ephemeral disk"
    return "swap disk" if server.flavor.swap else ""


def device(server: Server) -> str:
    """Return the device of its host that an instance uses, or an empty string."""
    for name in server.flavor.extra:
        if name.lower() in DEVICES:
            return DEVICES[name.lower()]
    return ""


def why_not(server: Server, around: InstanceContext, policy: Policy, *, ours: bool) -> str:
    """Return why an instance is not evacuated, or an empty string.

    `ours` is true if this request already tried to evacuate it: an ERROR state is then a result of that.
    """
    for rule in policy.exclude:
        if rule.matches(server, around):
            return f"excluded by the rule {rule}"
    if policy.include and not any(rule.matches(server, around) for rule in policy.include):
        return "no rule of 'include' matches"
    if server.task_state in ELSEWHERE:
        return (
            f"being migrated when its host failed ({server.task_state}); verify where it "
            "runs, then evacuate it manually"
        )
    if server.task_state in ("deleting", "soft-deleting"):
        return "being deleted"
    if server.vm_state not in EVACUABLE:
        return f"Nova cannot evacuate an instance in the state {server.vm_state or 'unknown'}"
    if server.vm_state == "error" and not ours:
        return "in ERROR before its host failed"
    if tied := device(server):
        return f"uses {tied}"
    disk = "" if policy.shared_storage else local_disk(server)
    if disk and not any(rule.matches(server, around) for rule in policy.rebuild):
        return f"its {disk} is local and would be empty after an evacuation"
    return ""


def priority(server: Server, policy: Policy) -> int:
    """Return the priority in the metadata or the flavor of an instance; 0 if neither contains it."""
    for values in (server.metadata, server.flavor.extra):
        text = str(values.get(policy.priority, "")).strip()
        if text.removeprefix("-").isdigit() and text.isascii():
            return int(text)
    return 0
