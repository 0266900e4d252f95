"""Cached queries of Nova, Glance and Placement for data that is not part of the instances.

Only the rules of an operator need most of it. Capacity is checked to avoid errors of Nova; if it is unknown,
Nova decides.
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

#: Time, in seconds, for which a response is cached.
CACHE_TIME = 30.0
#: The same for free capacity, which also changes without the engine.
CAPACITY_CACHE_TIME = 5.0


class CachedQuery(Generic[T]):
    """The cached response of a query."""

    def __init__(
        self, query: Callable[[], T], clock: Callable[[], float], seconds: float = CACHE_TIME
    ) -> None:
        self._query, self._clock, self._seconds = query, clock, seconds
        self._answer: tuple[float, T] | None = None

    def get(self) -> T:
        """Return the response, from the cache if it is recent. Raises what the query raises."""
        if self._answer is None or self._clock() - self._answer[0] > self._seconds:
            self._answer = self._clock(), self._query()
        return self._answer[1]

    def forget(self) -> None:
        """Drop the cached response."""
        self._answer = None


class CloudContext:
    """The cloud around the instances. `services` are the compute services of this poll cycle."""

    def __init__(self, nova: Nova, clock: Callable[[], float]) -> None:
        self.nova = nova
        self.services: Sequence[Service] = ()
        self._aggregates = CachedQuery(nova.aggregates, clock)
        self._groups = CachedQuery(nova.groups, clock)
        self._rooms = CachedQuery(nova.free_capacity, clock, CAPACITY_CACHE_TIME)
        self._images: dict[str, Mapping[str, str]] = {}

    def instance_context(self, server: Server, host: str, kinds: Iterable[str]) -> InstanceContext:
        """Return the properties of an instance that rules of these kinds need. Raises what `Nova` raises."""
        needed = frozenset(kinds)
        image: Mapping[str, str] = {}
        if "image" in needed and server.image:
            image = self._image(server.image)
        aggregates = self._aggregates.get() if "aggregate" in needed else ()
        return InstanceContext(image, tuple(each for each in aggregates if host in each.hosts))

    def _image(self, image: str) -> Mapping[str, str]:
        if image not in self._images:
            self._images[image] = self.nova.image_properties(image)
        return self._images[image]

    def places(self, fenced: Iterable[str]) -> list[Place] | None:
        """Return the hosts that accept instances, with their free capacity; None if it is unknown."""
        try:
            capacity = self._rooms.get()
        except Failure:
            return None
        excluded = frozenset(fenced)
        available = {each.host for each in self.services if each.state == "up" and each.status == "enabled"}
        return [Place(host, capacity.get(host, {})) for host in sorted(available - excluded)]

    def evacuated(self) -> None:
        """Drop the cached capacity after evacuations were requested."""
        self._rooms.forget()

    def groups_of(self, uuid: str) -> list[Group]:
        """Return the server groups of an instance; none if they are unknown."""
        try:
            return [group for group in self._groups.get() if uuid in group.members]
        except Failure:
            return []

    def where(self, groups: Iterable[Group], uuid: str) -> dict[str, str]:
        """Return the hosts of the other members of the groups, as far as they are known."""
        found = {}
        for member in {member for group in groups for member in group.members} - {uuid}:
            try:
                server = self.nova.server(member)
            except Failure:
                continue
            if server and server.host:
                found[member] = server.host
        return found
