"""What is asked of Nova, Glance and Placement beside the instances themselves; kept for a moment.

Only an operator's rules need it. Whether there is room is looked at to save Nova an error; where that
cannot be known, Nova decides.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from pacemaker_os.agents.nova_evacuate.decide.capacity import Place
from pacemaker_os.agents.nova_evacuate.decide.policy import InstanceContext
from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.values import Group, Server, Service

T = TypeVar("T")

#: Seconds for which an answer is kept.
KEPT = 30.0
#: The same for what is free on the hosts, which others change as well.
KEPT_ROOM = 5.0


class CachedQuery(Generic[T]):
    """The answer to one question, asked again when it is old."""

    def __init__(self, ask: Callable[[], T], clock: Callable[[], float], seconds: float = KEPT) -> None:
        self._ask, self._clock, self._seconds = ask, clock, seconds
        self._answer: tuple[float, T] | None = None

    def get(self) -> T:
        """The answer. Raises what the question raises."""
        if self._answer is None or self._clock() - self._answer[0] > self._seconds:
            self._answer = self._clock(), self._ask()
        return self._answer[1]

    def forget(self) -> None:
        """Ask anew next time."""
        self._answer = None


class CloudContext:
    """What is around the instances. `services` are those of this look."""

    def __init__(self, nova: Nova, clock: Callable[[], float]) -> None:
        self.nova = nova
        self.services: Sequence[Service] = ()
        self._aggregates = CachedQuery(nova.aggregates, clock)
        self._groups = CachedQuery(nova.groups, clock)
        self._rooms = CachedQuery(nova.rooms, clock, KEPT_ROOM)
        self._images: dict[str, Mapping[str, str]] = {}

    def around(self, server: Server, host: str, kinds: Iterable[str]) -> InstanceContext:
        """What rules of these kinds need to know. Raises what `Nova` raises."""
        wanted = frozenset(kinds)
        image: Mapping[str, str] = {}
        if "image" in wanted and server.image:
            image = self._image(server.image)
        aggregates = self._aggregates.get() if "aggregate" in wanted else ()
        return InstanceContext(image, tuple(each for each in aggregates if host in each.hosts))

    def _image(self, image: str) -> Mapping[str, str]:
        if image not in self._images:
            self._images[image] = self.nova.image_properties(image)
        return self._images[image]

    def places(self, fenced: Iterable[str]) -> list[Place] | None:
        """The hosts that take instances now, and what they have free; None when that is not known."""
        try:
            rooms = self._rooms.get()
        except Failure:
            return None
        away = frozenset(fenced)
        able = {each.host for each in self.services if each.state == "up" and each.status == "enabled"}
        return [Place(host, rooms.get(host, {})) for host in sorted(able - away)]

    def evacuated(self) -> None:
        """Evacuations were asked for: what was free is not any more."""
        self._rooms.forget()

    def groups_of(self, uuid: str) -> list[Group]:
        """The server groups that an instance is in; none when they cannot be known."""
        try:
            return [group for group in self._groups.get() if uuid in group.members]
        except Failure:
            return []

    def where(self, groups: Iterable[Group], uuid: str) -> dict[str, str]:
        """The host of each other member of the groups, as far as it can be known."""
        found = {}
        for member in {member for group in groups for member in group.members} - {uuid}:
            try:
                server = self.nova.server(member)
            except Failure:
                continue
            if server and server.host:
                found[member] = server.host
        return found
