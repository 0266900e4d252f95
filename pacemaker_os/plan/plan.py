"""The plan: what will be written and what will happen, as data. JSON in, JSON out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import Operation
from pacemaker_os.plan.planned_secret import PlannedSecret
from pacemaker_os.plan.prediction.effects import Effect
from pacemaker_os.plan.schema_upgrade import SchemaUpgrade

#: The format of the JSON; another number is refused.
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a person (or a gate) has to know before saying yes.

    `base` and `digest` are the version and the content of the configuration that it was made for.
    `secrets` are parameters that are brought to the nodes apart from the CIB; `upgrade` is a newer schema
    for the configuration; `stopped_first` are resources that are stopped before they are removed, and
    `nowhere` are services that run on several nodes and stop on all of them before they start on one.
    `foretold` is False where no scheduler could be asked; `untouched` counts services that run on without
    an effect; `notes` say what else is not known. `names` leads from ids to what documents call them, where
    that is something else.
    """

    document: str
    cluster: str
    base: Version
    digest: str
    operations: tuple[Operation, ...] = ()
    effects: tuple[Effect, ...] = ()
    pending: tuple[Effect, ...] = ()
    foretold: bool = True
    adopted: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[PlannedSecret, ...] = ()
    upgrade: SchemaUpgrade | None = None
    stopped_first: tuple[str, ...] = ()
    nowhere: tuple[str, ...] = ()
    untouched: int = 0
    nodes: int = 0
    nodes_online: int = 0
    quorum: bool = False

    @property
    def changes(self) -> tuple[Operation, ...]:
        """What is written, without the memory of who owns what."""
        return tuple(operation for operation in self.operations if not operation.is_memory)

    @property
    def is_empty(self) -> bool:
        """Whether the cluster is as the document says."""
        return not (self.writes or self.brought)

    @property
    def writes(self) -> bool:
        """Whether the CIB itself is written."""
        return bool(self.operations or self.upgrade)

    @property
    def brought(self) -> tuple[PlannedSecret, ...]:
        """The secrets that are to be written to nodes."""
        return tuple(secret for secret in self.secrets if secret.nodes)

    def counts(self) -> dict[str, int]:
        """How many are added, changed and removed."""
        found = Counter(operation.action for operation in self.changes)
        return {action: found[action] for action in ("add", "change", "remove")}

    def effect_counts(self) -> dict[str, int]:
        """How often each verb will happen, those that do."""
        return dict(Counter(effect.verb for effect in self.effects))

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON can say it."""
        return {
            "format": FORMAT,
            "document": self.document,
            "cluster": self.cluster,
            "base": str(self.base),
            "digest": self.digest,
            "changes": not self.is_empty,
            "summary": {**self.counts(), "effects": self.effect_counts()},
            "effects": [effect.to_json() for effect in self.effects],
            "pending": [effect.to_json() for effect in self.pending],
            "foretold": self.foretold,
            "operations": [operation.to_json() for operation in self.operations],
            "adopted": list(self.adopted),
            "unowned": list(self.unowned),
            "others": dict(self.others),
            "kept": list(self.kept),
            "notes": list(self.notes),
            "names": dict(self.names),
            "untouched": self.untouched,
            "secrets": [secret.to_json() for secret in self.secrets],
            "upgrade": None if self.upgrade is None else self.upgrade.to_json(),
            "stopped_first": list(self.stopped_first),
            "nowhere": list(self.nowhere),
            "nodes": {"total": self.nodes, "online": self.nodes_online, "quorum": self.quorum},
        }

    def dumps(self) -> str:
        """The plan as JSON text."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=2)

    @classmethod
    def loads(cls, text: str | bytes, *, file: str = "plan.json") -> Plan:
        """Read a saved plan. Raises InputError on anything that `dumps` did not write."""
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise ValueError(f"its format is {data['format']!r}, and this pcs-os reads {FORMAT}")
            return cls._from_json(data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            message = f"this is no plan that pcs-os saved: {what}; make a new one with: pcs-os plan -o FILE"
            raise InputError([Problem(file, 0, 0, message, "not-a-plan")]) from None

    @classmethod
    def _from_json(cls, data: Mapping[str, Any]) -> Plan:
        return cls(
            document=str(data["document"]),
            cluster=str(data["cluster"]),
            base=Version.parse(data["base"]),
            digest=str(data["digest"]),
            operations=tuple(map(Operation.from_json, data["operations"])),
            effects=tuple(map(Effect.from_json, data["effects"])),
            pending=tuple(map(Effect.from_json, data["pending"])),
            foretold=bool(data["foretold"]),
            adopted=tuple(data["adopted"]),
            unowned=tuple(data["unowned"]),
            others=dict(data["others"]),
            kept=tuple(data["kept"]),
            notes=tuple(data["notes"]),
            names=dict(data.get("names", {})),
            secrets=tuple(map(PlannedSecret.from_json, data["secrets"])),
            upgrade=SchemaUpgrade.from_json(data["upgrade"]),
            stopped_first=tuple(map(str, data["stopped_first"])),
            nowhere=tuple(map(str, data.get("nowhere", ()))),
            untouched=int(data["untouched"]),
            nodes=int(data["nodes"]["total"]),
            nodes_online=int(data["nodes"]["online"]),
            quorum=bool(data["nodes"]["quorum"]),
        )
