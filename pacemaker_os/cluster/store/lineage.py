"""The lineage of a CIB: the applies that led to it, found from its mark and the records.

The mark names the newest apply, and the record of each apply names the mark that it replaced. A record that
is not part of this chain was not written, or the CIB that it created was replaced. Each write increments the
epoch, so of two records for the same mark, the one for the newer CIB comes later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.cluster.store.states import StateName
from pacemaker_os.dataclass import dataclass

#: The state of an apply. `stopped`: it ended between its two writes. `unfinished`: it was written, but its
#: end is not recorded. `replaced`: it was written, but another tool restored an older configuration later.
State = Literal[
    "done",
    "failed",
    "interrupted",
    "stopped",
    "unfinished",
    "rolled-back",
    "not-written",
    "replaced",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class LineageStep:
    """A write that the CIB contains: the record, and the state after it."""

    record: Record
    state: StateName


@dataclass(frozen=True, slots=True)
class Lineage:
    """The writes that led to a CIB, the newest first.

    `missing` is the mark whose record was not found, and empty if the chain is complete. `in_effect` are the
    ids of the applies that were not rolled back, `undone` of those that can be applied again, the newest
    last. `rolled_back` maps the id of an apply to that of its rollback.
    """

    steps: tuple[LineageStep, ...]
    missing: str
    in_effect: tuple[str, ...]
    undone: tuple[str, ...]
    rolled_back: dict[str, str]
    oldest: tuple[int, int]

    @classmethod
    def of(cls, records: Iterable[Record], mark: str, version: Version) -> Lineage:
        """Return the lineage of a CIB with this mark and version."""
        records = list(records)
        steps, oldest = [], version.configuration
        while (step := _step(records, mark, oldest)) is not None:
            steps.append(step)
            mark, oldest = step.record.parent or "", step.record.before.configuration
        in_effect, undone, rolled_back = _replay(reversed(steps))
        return cls(tuple(steps), mark, in_effect, undone, rolled_back, oldest)

    def step_of(self, identifier: str) -> LineageStep | None:
        """Return the newest write of the record with this id."""
        return next((step for step in self.steps if step.record.id == identifier), None)

    @property
    def newest(self) -> Record | None:
        """The newest apply that is in effect."""
        step = self.step_of(self.in_effect[-1]) if self.in_effect else None
        return None if step is None else step.record

    def state(self, record: Record) -> State:
        """Return the state of an apply."""
        step = self.step_of(record.id)
        if record.id in self.rolled_back:
            return "rolled-back"
        if step is not None:
            if step.state == "stopped":
                return "stopped"
            ended = record.progress not in ("prepared", "stopped", "written")
            return _ENDED.get(record.progress, "done") if ended else "unfinished"
        if self.missing and record.before.configuration < self.oldest:
            return "unknown" if record.progress == "prepared" else _ENDED.get(record.progress, "done")
        if record.is_legacy:
            return "done"
        return "not-written" if record.progress == "prepared" else "replaced"

    def written(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Return the records without those that were not written."""
        return tuple(each for each in records if self.state(each) not in ("not-written", "unknown"))


_ENDED: dict[str, State] = {"failed": "failed", "interrupted": "interrupted", "rolled-back": "failed"}


def _step(records: Sequence[Record], mark: str, version: tuple[int, int]) -> LineageStep | None:
    """Return the write that created the newest CIB before this version with this mark."""
    found = [
        LineageStep(record, state)
        for record in records
        if not record.is_legacy and record.before.configuration < version
        for state in _states(record)
        if record.mark_after(state) == mark
    ]
    if found:
        return max(found, key=_age)
    if mark:
        return None
    legacy = [record for record in records if record.is_legacy and record.after.configuration <= version]
    legacy = [record for record in legacy if record.before.configuration < version]
    return LineageStep(max(legacy, key=lambda each: each.id), "after") if legacy else None


def _states(record: Record) -> Iterator[StateName]:
    yield "after"
    if "stopped" in record.states.digests:
        yield "stopped"


def _age(step: LineageStep) -> tuple[tuple[int, int], bool, str]:
    """Return the order of writes. Of two for the same version, only one can have been written."""
    record = step.record
    return record.before.configuration, record.progress != "prepared", record.id


def _replay(steps: Iterable[LineageStep]) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str]]:
    """Return which applies are in effect, which can be applied again, and which were rolled back by which."""
    in_effect: list[str] = []
    undone: list[str] = []
    rolled_back: dict[str, str] = {}
    records: dict[str, Record] = {}
    for step in steps:
        record = records[step.record.id] = step.record
        again = record.redoes
        if record.reverts in records and records[record.reverts].reverts:
            # The rollback of a rollback.
            again = records[record.reverts].reverts
        if again:
            undone = [each for each in undone if each != again]
            rolled_back.pop(again, None)
            in_effect.append(again)
        elif record.reverts:
            in_effect = [each for each in in_effect if each != record.reverts]
            undone.append(record.reverts)
            rolled_back[record.reverts] = record.id
        else:
            in_effect.append(record.id)
            undone.clear()
    return tuple(in_effect), tuple(undone), rolled_back
