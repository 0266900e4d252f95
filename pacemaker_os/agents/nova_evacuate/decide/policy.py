"""Who may be evacuated, who never is, and who first.

A rule is a word `KIND:PATTERN`; the pattern has * and ? as in a shell, and letters' case does not matter.

    flavor:ha=true          an extra spec, or the flavor's name: flavor:m1.*
    image:ha=true           a property, or tag:NAME=true
    aggregate:ha=true       a metadatum of an aggregate that the dead host is in, or the aggregate's name
    project:0f3c*           the project's id
    tag:ha                  a tag of the instance
    metadata:HA_Enabled=*   a metadatum of the instance
    name:amphora-*          the instance's name
    server:1b2c*            the instance's id
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
    """What belongs to an instance and is not in Nova's words about it."""

    image: Mapping[str, str] = field(default_factory=dict)
    aggregates: tuple[Aggregate, ...] = ()


def pairs(values: Mapping[str, str]) -> list[str]:
    """Every entry as NAME=VALUE."""
    return [f"{name}={value}" for name, value in values.items()]


#: What each kind of rule looks at.
WORDS: dict[str, Callable[[Server, InstanceContext], Iterable[str]]] = {
    "flavor": lambda server, _: [server.flavor.name, *pairs(server.flavor.extra)],
    "image": lambda server, around: [server.image, *pairs(around.image)],
    "aggregate": lambda _, around: [
        word for each in around.aggregates for word in (each.name, *pairs(each.metadata))
    ],
    "project": lambda server, _: [server.project],
    "tag": lambda server, _: server.tags,
    "metadata": lambda server, _: pairs(server.metadata),
    "name": lambda server, _: [server.name],
    "server": lambda server, _: [server.id],
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    kind: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.pattern}"

    def matches(self, server: Server, around: InstanceContext) -> bool:
        """Whether it speaks of this instance."""
        wanted = self.pattern.lower()
        return any(fnmatchcase(word.lower(), wanted) for word in WORDS[self.kind](server, around))


def rules(text: str) -> tuple[Rule, ...]:
    """The rules in a text. Raises Failure."""
    found = []
    for word in text.split():
        kind, colon, pattern = word.partition(":")
        if kind not in WORDS or not colon or not pattern:
            kinds = ", ".join(WORDS)
            raise Failure(f"'{word}' is no rule KIND:PATTERN with one of {kinds}", CONFIGURED)
        found.append(Rule(kind, pattern))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator says. No rule in `include` includes every instance.

    With `shared_storage` every host reaches every instance's disks. Without, an instance that has a local
    disk would be built anew and empty, and is evacuated only where a rule of `rebuild` says that it may.
    """

    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()
    rebuild: tuple[Rule, ...] = ()
    shared_storage: bool = False
    priority: str = "evacuation-priority"

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of rules there are: what need not be known is not asked for."""
        return frozenset(rule.kind for rule in (*self.include, *self.exclude, *self.rebuild))


#: Extra specs of flavors that tie an instance to a device of its host, and what they are.
DEVICES = {
    "pci_passthrough:alias": "a PCI device",
    "accel:device_profile": "an accelerator",
    "resources:vgpu": "a virtual GPU",
    "hw:pmem": "persistent memory",
    "hw:tpm_version": "a virtual TPM, whose state is on its host",
}

#: States in which Nova can evacuate. What the others are called, and what to do.
EVACUABLE = ("active", "stopped", "error")

#: What Nova was doing when the host died, that leaves doubt about where the instance is.
ELSEWHERE = ("migrating", "resize_migrating", "resize_migrated", "resize_finish", "resize_prep")


def local_disk(server: Server) -> str:
    """The disk that would be empty after an evacuation without shared storage; none: an empty word."""
    if server.image:
        return "root disk"
    if server.flavor.ephemeral:
        return "ephemeral disk"
    return "swap disk" if server.flavor.swap else ""


def device(server: Server) -> str:
    """The device of its host that an instance is tied to; none: an empty word."""
    for name in server.flavor.extra:
        if name.lower() in DEVICES:
            return DEVICES[name.lower()]
    return ""


def why_not(server: Server, around: InstanceContext, policy: Policy, *, ours: bool) -> str:
    """Why an instance is not evacuated; empty when it is.

    `ours`: an evacuation of this request was tried, so that an error is of its making.
    """
    for rule in policy.exclude:
        if rule.matches(server, around):
            return f"excluded by the rule {rule}"
    if policy.include and not any(rule.matches(server, around) for rule in policy.include):
        return "no rule includes it"
    if server.task_state in ELSEWHERE:
        return f"it was moving when its host died ({server.task_state}); look where it is, then decide"
    if server.task_state in ("deleting", "soft-deleting"):
        return "it is being deleted"
    if server.vm_state not in EVACUABLE:
        return f"Nova cannot evacuate an instance that is {server.vm_state or 'without a state'}"
    if server.vm_state == "error" and not ours:
        return "it was in ERROR before its host died"
    if tied := device(server):
        return f"it has {tied}"
    disk = "" if policy.shared_storage else local_disk(server)
    if disk and not any(rule.matches(server, around) for rule in policy.rebuild):
        return f"its {disk} is local and would be empty elsewhere"
    return ""


def priority(server: Server, policy: Policy) -> int:
    """Greater goes first: a number that the instance's metadata or its flavor says, 0 when none does."""
    for values in (server.metadata, server.flavor.extra):
        text = str(values.get(policy.priority, "")).strip()
        if text.removeprefix("-").isdigit() and text.isascii():
            return int(text)
    return 0
