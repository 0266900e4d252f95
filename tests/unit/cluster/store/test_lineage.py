"""The lineage of a CIB: which records were written, which are in effect, and which can be made again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.store.lineage import Lineage
from pacemaker_os.cluster.store.mark import read_mark, with_mark
from pacemaker_os.cluster.store.record import Progress, Record
from pacemaker_os.cluster.store.states import States

CIB = "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration></cib>"


def record(
    name: str,
    base: int,
    parent: str = "",
    *,
    mark: str | None = None,
    reverts: str = "",
    redoes: str = "",
    progress: Progress = "done",
    stops: bool = False,
) -> Record:
    """Return a record whose writer read the epoch `base`."""
    return Record(
        id=name,
        when="",
        document="site",
        before=Version(0, base, 0),
        after=Version(0, base + 1, 0),
        changes=(),
        reverts=reverts,
        redoes=redoes,
        parent=parent,
        mark=name if mark is None else mark,
        progress=progress,
        states=States({"stopped": "x"} if stops else {}),
    )


A, B = record("a", 1), record("b", 2, "a")
#: The rollback of `b` restores the mark `a`; its repetition the mark `b`.
UNDO_B = record("c", 3, "b", mark="a", reverts="b")
REDO_B = record("d", 4, "a", mark="b", redoes="b")


def lineage(mark: str, epoch: int, *records: Record) -> Lineage:
    return Lineage.of(records, mark, Version(0, epoch, 7))


def ids(found: Lineage) -> list[str]:
    return [step.record.id for step in found.steps]


def test_applies_in_effect_are_those_not_rolled_back() -> None:
    found = lineage("b", 3, A, B)
    assert (ids(found), found.in_effect, found.undone) == (["b", "a"], ("a", "b"), ())
    found = lineage("a", 4, A, B, UNDO_B)
    assert (ids(found), found.in_effect, found.undone) == (["c", "b", "a"], ("a",), ("b",))
    assert (found.newest, found.state(B)) == (A, "rolled-back")
    found = lineage("b", 5, A, B, UNDO_B, REDO_B)
    assert (ids(found), found.in_effect, found.undone) == (["d", "c", "b", "a"], ("a", "b"), ())


def test_second_rollback_goes_further_back_and_redo_returns_in_order() -> None:
    undo_a = record("e", 4, "a", mark="", reverts="a")
    found = lineage("", 5, A, B, UNDO_B, undo_a)
    assert (found.newest, found.undone) == (None, ("b", "a"))
    redo_a = record("f", 5, "", mark="a", redoes="a")
    found = lineage("a", 6, A, B, UNDO_B, undo_a, redo_a)
    assert (found.newest, found.undone) == (A, ("b",))


def test_new_apply_after_a_rollback_leaves_nothing_to_redo() -> None:
    found = lineage("g", 5, A, B, UNDO_B, record("g", 4, "a"))
    assert (found.in_effect, found.undone) == (("a", "g"), ())


@pytest.mark.parametrize(
    ("mark", "epoch", "state", "newest"),
    [("a", 2, "not-written", "a"), ("b", 3, "unfinished", "b"), ("b:stopping", 3, "stopped", "b")],
)
def test_prepared_record_was_written_if_the_cib_has_its_mark(
    mark: str, epoch: int, state: str, newest: str
) -> None:
    prepared = record("b", 2, "a", progress="prepared", stops=True)
    found = lineage(mark, epoch, A, prepared)
    assert found.state(prepared) == state
    assert found.newest is not None
    assert found.newest.id == newest


def test_prepared_rollback_was_written_if_the_cib_has_the_older_mark() -> None:
    undo = replace(UNDO_B, progress="prepared")
    assert lineage("b", 3, A, B, undo).state(undo) == "not-written"
    assert lineage("b", 3, A, B, undo).newest == B
    assert lineage("a", 4, A, B, undo).state(undo) == "unfinished"
    assert lineage("a", 4, A, B, undo).newest == A


def test_unwritten_record_stays_unwritten_after_later_applies() -> None:
    lost = record("lost", 2, "a", progress="prepared")
    found = lineage("b", 3, A, lost, B)
    assert (found.state(lost), ids(found)) == ("not-written", ["b", "a"])
    undo = replace(UNDO_B, id="undo", progress="prepared")
    later = record("g", 5, "b")
    assert lineage("g", 6, A, B, undo, later).state(undo) == "not-written"


def test_apply_whose_configuration_was_replaced_is_not_in_effect() -> None:
    found = lineage("a", 9, A, B)
    assert (found.newest, found.state(B)) == (A, "replaced")


def test_mark_without_a_record_is_missing() -> None:
    found = lineage("x", 9, A, B)
    assert (found.missing, found.steps, found.newest) == ("x", (), None)
    unknown = record("y", 3, "b", progress="prepared")
    assert lineage("x", 9, A, B, unknown).state(unknown) == "unknown"
    found = lineage("z", 9, A, B, record("z", 8, "x"))
    assert (found.missing, found.in_effect) == ("x", ("z",))


def test_rollback_of_a_rollback_makes_the_apply_again() -> None:
    again = record("h", 4, "a", reverts="c")
    found = lineage("h", 5, A, B, UNDO_B, again)
    assert (found.in_effect, found.undone) == (("a", "b"), ())


def test_records_of_earlier_versions_come_before_the_first_mark() -> None:
    legacy = replace(A, parent=None, mark="")
    found = lineage("", 2, legacy)
    assert (found.newest, found.state(legacy)) == (legacy, "done")
    found = lineage("b", 3, legacy, replace(B, parent=""))
    assert found.in_effect == ("a", "b")


def test_mark_is_one_pair_that_is_replaced() -> None:
    cib = etree.fromstring(CIB)
    marked = with_mark(with_mark(cib, "a"), "b")
    assert (read_mark(cib), read_mark(marked)) == ("", "b")
    assert len(marked.findall(".//nvpair")) == 1
