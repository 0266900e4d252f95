"""Secrets that a plan distributes to nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.effects import Effect

#: Effects after which a resource uses the current values of its parameters.
_READS_PARAMETERS = frozenset({"start", "restart", "recover", "move", "stop", "cannot-run"})


@dataclass(frozen=True, slots=True)
class PlannedSecret:
    """A parameter whose value is distributed to the nodes outside the CIB. It does not hold the value.

    `nodes` are the nodes whose file is missing or differs. `restart_required` is True when the resource keeps
    using the previous value until it restarts.
    """

    resource: str
    parameter: str
    secret: str
    nodes: tuple[str, ...] = ()
    restart_required: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the secret as JSON data."""
        return {**asdict(self), "nodes": list(self.nodes)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlannedSecret:
        """Read the output of `to_json`."""
        return cls(
            resource=str(data["resource"]),
            parameter=str(data["parameter"]),
            secret=str(data["secret"]),
            nodes=tuple(map(str, data["nodes"])),
            restart_required=bool(data["restart_required"]),
        )

    def after(self, effects: tuple[Effect, ...]) -> PlannedSecret:
        """Return the secret with `restart_required` set according to the effects of the plan."""
        verbs = {effect.verb for effect in effects if effect.resource.split(":")[0] == self.resource}
        return replace(self, restart_required=bool(self.nodes) and verbs.isdisjoint(_READS_PARAMETERS))
