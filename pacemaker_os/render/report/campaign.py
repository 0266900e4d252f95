"""Results of fault campaigns, from the files that benchmarks/agents writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from statistics import median
from typing import Any

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import InputError, Problem


@dataclass(frozen=True, slots=True)
class Row:
    """Faults of one kind: their number, recovery times in seconds, and faults with lost writes."""

    kind: str
    faults: int
    typical: float
    longest: float
    wrong: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. `acknowledged` is the number of writes that were acknowledged to clients."""

    name: str
    rows: tuple[Row, ...]
    acknowledged: int

    @property
    def wrong(self) -> int:
        """Return the number of faults after which an acknowledged write was missing."""
        return sum(row.wrong for row in self.rows)

    @property
    def faults(self) -> int:
        """Return the number of faults."""
        return sum(row.faults for row in self.rows)


def read_campaign(text: str, *, file: str) -> Campaign:
    """Read a results file, `{"faults": [...]}`. Raises InputError."""
    try:
        faults = json.loads(text)["faults"]
        by_kind: dict[str, list[Mapping[str, Any]]] = {}
        for fault in faults:
            by_kind.setdefault(str(fault["kind"]), []).append(fault)
        rows = tuple(_row(kind, group) for kind, group in sorted(by_kind.items()))
        acknowledged = max((int(fault.get("acknowledged", 0)) for fault in faults), default=0)
    except (ValueError, KeyError, TypeError) as error:
        message = f"not a result file of a fault campaign (a JSON object with 'faults'): {error!r}"
        raise InputError([Problem(file, 0, 0, message, "not-results")]) from None
    return Campaign(PurePath(file).stem, rows, acknowledged)


def _row(kind: str, group: list[Mapping[str, Any]]) -> Row:
    times = [float(fault["recovered"]) for fault in group]
    return Row(kind, len(group), median(times), max(times), sum(bool(fault.get("wrong")) for fault in group))
