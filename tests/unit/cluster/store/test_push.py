"""The push: at most one epoch, no overwritten change, and no false success."""

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
    """A store like the CIB manager; one of the `others` changes the CIB before each compare-and-swap."""

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


def change_status(now: etree._Element) -> etree._Element:
    now.set("num_updates", str(int(now.get("num_updates")) + 1))
    return now


def test_push_uses_one_epoch() -> None:
    store = MemoryStore(cib("x"))
    after = push(store, store.read(), cib("y"))
    assert (store.swaps, str(after.version)) == (1, "0.11.0")
    assert after.same_configuration(Snapshot(cib("y", epoch=11)))


def test_push_retries_when_only_the_status_changed() -> None:
    store = MemoryStore(cib("x"), [change_status, change_status, change_status])
    after = push(store, store.read(), cib("y"))
    assert (store.swaps, str(after.version)) == (1, "0.11.0")


def test_concurrent_change_is_a_conflict_that_shows_both_sides() -> None:
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


def test_schema_upgrade_uses_one_epoch() -> None:
    store = MemoryStore(cib("x"))
    after = push(store, store.read(), under("pacemaker-3.10", store.cib))
    assert (str(after.version), after.cib.get("validate-with")) == ("0.11.0", "pacemaker-3.10")


def test_schema_upgrade_retries_when_the_status_changed() -> None:
    store = MemoryStore(cib("x"), [change_status])
    after = push(store, store.read(), under("pacemaker-3.10", cib("y")))
    assert (str(after.version), after.cib.get("validate-with")) == ("0.11.0", "pacemaker-3.10")
    assert after.same_configuration(Snapshot(under("pacemaker-3.10", cib("y", epoch=11))))


def test_concurrent_schema_upgrade_is_a_conflict() -> None:
    """Pacemaker raises only num_updates for a schema upgrade."""
    store = MemoryStore(cib("x"), [lambda now: under("pacemaker-3.10", change_status(now))])
    with pytest.raises(Conflict):
        push(store, store.read(), cib("y"))
    assert store.swaps == 0


def test_other_content_with_the_same_epoch_is_a_conflict() -> None:
    store = MemoryStore(cib("x"), [lambda now: cib("theirs", num_updates=4)])
    with pytest.raises(Conflict):
        push(store, store.read(), cib("mine"))


def test_success_without_a_write_is_an_error() -> None:
    store = MemoryStore(cib("x"), deaf=True)
    with pytest.raises(ClusterError, match="did not write it"):
        push(store, store.read(), cib("y"))


def test_repeated_mismatch_on_the_current_version_is_an_error() -> None:
    class Refusing(MemoryStore):
        def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
            raise VersionMismatch("Application of update diff failed")

    with pytest.raises(ClusterError, match=r"rejected the change: .*update diff failed"):
        push(Refusing(cib("x")), Snapshot(cib("x")), cib("y"))


def test_constantly_changing_status_is_an_error() -> None:
    store = MemoryStore(cib("x"), [change_status] * 10_000)
    with pytest.raises(ClusterError, match="because the CIB status kept changing"):
        push(store, store.read(), cib("y"), timeout=0.5)
    assert store.swaps == 0
