"""What is to be done about one fenced host, and what is remembered of it from one look to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, InstanceHistory
    from pacemaker_os.agents.nova_evacuate.nova.marker import Marker
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration
    from pacemaker_os.agents.nova_evacuate.report import Instance

    #: Does a thing for each of some instances.
    Each = Callable[[Callable[[str], None], Iterable[str]], None]


@dataclass(slots=True)
class Memory:
    """What one engine remembers about the instances of one request; nothing that may not be lost.

    `fresh`: the request came while this engine ran, so that no other can have asked for anything.
    `marker` is what was written on the service; `was_complete`: the look before found everything done.
    `shown` is what Nova said of each when it was judged last; `settled` are those that are evacuated and
    given back, and need not be looked at again.
    """

    fresh: bool = False
    marker: Marker | None = None
    was_complete: bool = False
    known: dict[str, InstanceHistory] = field(default_factory=dict)
    shown: dict[str, tuple[object, ...]] = field(default_factory=dict)
    settled: dict[str, Instance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done about one host. `hold` says why nothing is asked for now."""

    node: str
    host: str
    request: str
    reserve: str
    context: HostContext
    tries: Mapping[str, Sequence[Migration]]
    orphans: frozenset[str]
    hold: str

    def tries_of(self, uuid: str) -> Sequence[Migration]:
        """The records of an instance's evacuations since the request."""
        return self.tries.get(uuid, ())
