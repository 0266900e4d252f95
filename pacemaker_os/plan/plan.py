"""The plan as data: configuration changes and predicted effects, read from and written to JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.ownership_changes import ACTIONS, OwnershipAction, OwnershipChange
from pacemaker_os.plan.planned_secret import PlannedSecret
from pacemaker_os.plan.prediction.effects import Effect
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade
from pacemaker_os.plan.verification import Verification

#: The format of the JSON. Format 1 had other keys, format 2 no target.
FORMAT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes that documents make to a cluster, and their predicted effects.

    `base` and `digest` identify the version and the content of the CIB that the plan was created for.
    `changes` includes changes of the ownership record; `object_changes` does not. `ownership` are the objects
    whose owner changes, `owned_elsewhere` the keys of objects that the document declares and other documents
    own. `secrets` are parameters
    whose values are distributed outside the CIB. `stop_before_removal` lists resources that stop in order
    before they are removed, `fully_interrupted` services whose every instance stops before the first one
    starts again. `lost_overrides` are the operator overrides that the changes remove, `cluster_maintained`
    the state of agents in the configuration. `conditions` are those of the cluster under which the change has
    no effect, or may be lost. `predicted` is False when no scheduler was available.
    `unaffected` counts running services without an effect. `names` maps ids to the names in documents where
    these differ. `target` holds the option that selects the cluster and its value (empty for the cluster of
    this machine). `verification` is Pacemaker's own opinion of the planned configuration.
    """

    document: str
    cluster: str
    base: Version
    digest: str
    changes: tuple[ConfigChange, ...] = ()
    effects: tuple[Effect, ...] = ()
    pending: tuple[Effect, ...] = ()
    predicted: bool = True
    adopted: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()
    owned_by_others: Mapping[str, int] = field(default_factory=dict)
    owned_elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ownership: tuple[OwnershipChange, ...] = ()
    overrides: tuple[str, ...] = ()
    lost_overrides: tuple[str, ...] = ()
    cluster_maintained: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[PlannedSecret, ...] = ()
    upgrade: SchemaUpgrade | None = None
    stop_before_removal: tuple[str, ...] = ()
    fully_interrupted: tuple[str, ...] = ()
    unaffected: int = 0
    nodes: int = 0
    nodes_online: int = 0
    quorum: bool = False
    verification: tuple[Verification, ...] = ()

    @property
    def object_changes(self) -> tuple[ConfigChange, ...]:
        """The changes without those of the ownership record."""
        return tuple(change for change in self.changes if not change.is_ownership)

    @property
    def is_empty(self) -> bool:
        """Whether an apply of the plan would write nothing."""
        return not (self.writes or self.secrets_to_write)

    @property
    def writes(self) -> bool:
        """Whether an apply of the plan would write the CIB."""
        return bool(self.changes or self.upgrade)

    @property
    def secrets_to_write(self) -> tuple[PlannedSecret, ...]:
        """The secrets that at least one node lacks."""
        return tuple(secret for secret in self.secrets if secret.nodes)

    @property
    def loses_overrides(self) -> bool:
        """Whether an apply needs consent because services that operators stopped or banned may start.

        A plan that only removes resources needs none: there is nothing left that an override could apply to.
        """
        added = any(each.action == "add" and each.section == "resources" for each in self.changes)
        return bool(self.lost_overrides) and added

    def counts(self) -> dict[str, int]:
        """Return the number of object changes by action."""
        found = Counter(change.action for change in self.object_changes)
        return {action: found[action] for action in ("add", "change", "remove")}

    def ownership_counts(self) -> dict[OwnershipAction, int]:
        """Return the number of changes of ownership by action."""
        found = Counter(change.action for change in self.ownership)
        return {action: found[action] for action in ACTIONS if found[action]}

    def effect_counts(self) -> dict[str, int]:
        """Return the number of effects by verb."""
        return dict(Counter(effect.verb for effect in self.effects))

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON data."""
        return {
            "format": FORMAT,
            "document": self.document,
            "cluster": self.cluster,
            "target": dict(self.target),
            "base": str(self.base),
            "digest": self.digest,
            "has_changes": not self.is_empty,
            "summary": {**self.counts(), "effects": self.effect_counts()},
            "effects": [effect.to_json() for effect in self.effects],
            "pending": [effect.to_json() for effect in self.pending],
            "predicted": self.predicted,
            "changes": [change.to_json() for change in self.changes],
            "adopted": list(self.adopted),
            "unowned": list(self.unowned),
            "owned_by_others": dict(self.owned_by_others),
            "owned_elsewhere": {name: list(keys) for name, keys in self.owned_elsewhere.items()},
            "ownership": [change.to_json() for change in self.ownership],
            "overrides": list(self.overrides),
            "lost_overrides": list(self.lost_overrides),
            "cluster_maintained": list(self.cluster_maintained),
            "notes": list(self.notes),
            "conditions": list(self.conditions),
            "names": dict(self.names),
            "unaffected": self.unaffected,
            "secrets": [secret.to_json() for secret in self.secrets],
            "upgrade": None if self.upgrade is None else self.upgrade.to_json(),
            "stop_before_removal": list(self.stop_before_removal),
            "fully_interrupted": list(self.fully_interrupted),
            "nodes": {"total": self.nodes, "online": self.nodes_online, "quorum": self.quorum},
            "verification": [each.to_json() for each in self.verification],
        }

    def dumps(self) -> str:
        """Return the plan as JSON text."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=2)

    @classmethod
    def loads(cls, text: str | bytes, *, file: str = "plan.json") -> Plan:
        """Read a saved plan.

        Raises:
            InputError: `text` is not the output of `dumps`, or it has another format.
        """
        try:
            data = json.loads(text)
            if data["format"] == FORMAT:
                return cls._from_json(data)
            message = (
                f"cannot read the saved plan: its format is {data['format']!r}, and this pcs-os reads format "
                f"{FORMAT}; create a new plan with 'pcs-os plan -o FILE'"
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
            message = f"not a saved plan: {reason}; create one with 'pcs-os plan -o FILE'"
        raise InputError([Problem(file, 0, 0, message, "not-a-plan")])

    @classmethod
    def _from_json(cls, data: Mapping[str, Any]) -> Plan:
        return cls(
            document=str(data["document"]),
            cluster=str(data["cluster"]),
            base=Version.parse(data["base"]),
            digest=str(data["digest"]),
            changes=tuple(map(ConfigChange.from_json, data["changes"])),
            effects=tuple(map(Effect.from_json, data["effects"])),
            pending=tuple(map(Effect.from_json, data["pending"])),
            predicted=bool(data["predicted"]),
            adopted=tuple(data["adopted"]),
            unowned=tuple(data["unowned"]),
            owned_by_others=dict(data["owned_by_others"]),
            owned_elsewhere={name: tuple(keys) for name, keys in data.get("owned_elsewhere", {}).items()},
            ownership=tuple(map(OwnershipChange.from_json, data.get("ownership", ()))),
            overrides=tuple(data["overrides"]),
            lost_overrides=tuple(data.get("lost_overrides", ())),
            cluster_maintained=tuple(data.get("cluster_maintained", ())),
            notes=tuple(data["notes"]),
            conditions=tuple(data.get("conditions", ())),
            names=dict(data["names"]),
            target={str(option): str(value) for option, value in data["target"].items()},
            secrets=tuple(map(PlannedSecret.from_json, data["secrets"])),
            upgrade=SchemaUpgrade.from_json(data["upgrade"]),
            stop_before_removal=tuple(map(str, data["stop_before_removal"])),
            fully_interrupted=tuple(map(str, data["fully_interrupted"])),
            unaffected=int(data["unaffected"]),
            nodes=int(data["nodes"]["total"]),
            nodes_online=int(data["nodes"]["online"]),
            quorum=bool(data["nodes"]["quorum"]),
            verification=tuple(map(Verification.from_json, data["verification"])),
        )
