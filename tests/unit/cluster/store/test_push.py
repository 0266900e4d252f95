"""The push: one epoch or none, nobody's change overwritten, no success that is none."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
from lxml import etree
from small_cibs import cib

from pacemaker_os.cib.tree.replay import replay
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.cluster.store.push import push
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, Conflict


@dataclass
class MemoryStore:
    """Compares and swaps as the CIB manager does; `others` happen before each compare_and_swap, one each."""

    cib: etree._Element
    others: list[Callable[[etree._Element], etree._Element]] = field(default_factory=list)
    swaps: int = 0
    deaf: bool = False
    name: str = "memory"

    def read(self) -> Snapshot:
        return Snapshot(self.cib)

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        if self.others:
            self.cib = self.others.pop(0)(self.cib)
        if patch.find("version/source").attrib != Version.of(self.cib).attributes():
            raise VersionMismatch
        self.swaps += 1
        if self.deaf:
            return
        self.cib = replay(patch, self.cib)
        for name, value in base.version.next().attributes().items():
            self.cib.set(name, value)


def status_moves(now: etree._Element) -> etree._Element:
    now.set("num_updates", str(int(now.get("num_updates")) + 1))
    return now


def test_one_epoch() -> None:
    store = MemoryStore(cib("x"))
    after = push(store, store.read(), cib("y"))
    assert (store.swaps, str(after.version)) == (1, "0.11.0")
    assert after.same_configuration(Snapshot(cib("y", epoch=11)))


def test_moving_status_is_tried_again() -> None:
    store = MemoryStore(cib("x"), [status_moves, status_moves, status_moves])
    after = push(store, store.read(), cib("y"))
    assert (store.swaps, str(after.version)) == (1, "0.11.0")


def test_changed_configuration_is_a_conflict_that_shows_the_other_side() -> None:
    store = MemoryStore(cib("x", "x"), [lambda now: cib("x", "theirs", epoch=11, num_updates=0)])
    with pytest.raises(
        Conflict, match=r"0\.10\.3.*0\.11\.0(.|\n)*they: ~ primitive r1(.|\n)*you: ~ primitive r0"
    ) as caught:
        push(store, store.read(), cib("mine", "x"))
    assert caught.value.exit_status == 3
    assert store.swaps == 0


def under(schema: str, now: etree._Element) -> etree._Element:
    now = deepcopy(now)
    now.set("validate-with", schema)
    return now


def test_newer_schema_alone_is_one_epoch() -> None:
    store = MemoryStore(cib("x"))
    after = push(store, store.read(), under("pacemaker-3.10", store.cib))
    assert (str(after.version), after.cib.get("validate-with")) == ("0.11.0", "pacemaker-3.10")


def test_newer_schema_while_the_status_moves() -> None:
    store = MemoryStore(cib("x"), [status_moves])
    after = push(store, store.read(), under("pacemaker-3.10", cib("y")))
    assert (str(after.version), after.cib.get("validate-with")) == ("0.11.0", "pacemaker-3.10")
    assert after.same_configuration(Snapshot(under("pacemaker-3.10", cib("y", epoch=11))))


def test_schema_that_somebody_else_changed_is_a_conflict() -> None:
    """Pacemaker raises only num_updates for that."""
    store = MemoryStore(cib("x"), [lambda now: under("pacemaker-3.10", status_moves(now))])
    with pytest.raises(Conflict):
        push(store, store.read(), cib("y"))
    assert store.swaps == 0


def test_same_epoch_with_another_content_is_a_conflict() -> None:
    store = MemoryStore(cib("x"), [lambda now: cib("theirs", num_updates=4)])
    with pytest.raises(Conflict):
        push(store, store.read(), cib("mine"))


def test_silent_no_op_is_found_out() -> None:
    store = MemoryStore(cib("x"), deaf=True)
    with pytest.raises(ClusterError, match="did not write it"):
        push(store, store.read(), cib("y"))


def test_refusal_on_top_of_the_very_version_ends() -> None:
    class Refusing(MemoryStore):
        def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
            raise VersionMismatch("Application of update diff failed")

    with pytest.raises(ClusterError, match=r"refused the change.*update diff failed"):
        push(Refusing(cib("x")), Snapshot(cib("x")), cib("y"))


def test_restless_status_ends_in_an_error() -> None:
    store = MemoryStore(cib("x"), [status_moves] * 10_000)
    with pytest.raises(ClusterError, match="did not rest"):
        push(store, store.read(), cib("y"), patience=0.5)
    assert store.swaps == 0
