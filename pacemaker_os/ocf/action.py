"""An action of an agent, as the metadata suggests it to operators."""

from __future__ import annotations


class Action:
    """An action and its suggested timeout, interval, role and depth; times in seconds."""

    __slots__ = ("depth", "interval", "name", "role", "timeout")

    def __init__(
        self,
        name: str,
        *,
        timeout: int,
        interval: int | None = None,
        role: str = "",
        depth: int | None = None,
    ) -> None:
        self.name, self.timeout, self.interval, self.role, self.depth = name, timeout, interval, role, depth
