"""The work on one fenced host, and what an engine remembers about it between poll cycles."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, InstanceHistory
    from pacemaker_os.agents.nova_evacuate.nova.marker import Marker
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration
    from pacemaker_os.agents.nova_evacuate.report import Instance

    #: Runs an action for each of some instances.
    Each = Callable[[Callable[[str], None], Iterable[str]], None]


@dataclass(slots=True)
class Memory:
    """The memory of an engine about the instances of a request. Nothing in it has to be durable.

    `fresh`: the request was opened while this engine was running, so no other engine has requested
    evacuations. `marker` is the marker on the service. `was_complete`: the previous cycle found the
    evacuation complete. `shown` is Nova's description of each instance at its last verdict. `settled` are the
    instances that are evacuated and unlocked, which need no further query.
    """

    fresh: bool = False
    marker: Marker | None = None
    was_complete: bool = False
    known: dict[str, InstanceHistory] = field(default_factory=dict)
    shown: dict[str, tuple[object, ...]] = field(default_factory=dict)
    settled: dict[str, Instance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """The work on one host. `hold` is the reason why no evacuation is requested now."""

    node: str
    host: str
    request: str
    reserve: str
    context: HostContext
    tries: Mapping[str, Sequence[Migration]]
    orphans: frozenset[str]
    hold: str

    def tries_of(self, uuid: str) -> Sequence[Migration]:
        """Return the records of an instance's evacuations since the request."""
        return self.tries.get(uuid, ())
