"""Pushing through pcs: the whole CIB with the version that was read."""

from __future__ import annotations

import pytest
from small_cibs import cib

from pacemaker_os.cib.tree.patch import make_patch
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.store.base import VersionMismatch
from pacemaker_os.cluster.store.pcs import PcsStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.fake import Expect, FakeTransport

PUSH = ("pcs", "cluster", "cib-push", "/tmp/x/cib.xml")


def push(*, status: int = 0, stderr: str = "") -> FakeTransport:
    base, target = cib("x"), cib("y")
    fake = FakeTransport(
        [
            Expect(("mktemp", "--directory", "--tmpdir", "pcs-os.XXXXXXXX"), stdout="/tmp/x\n"),
            Expect(PUSH, status=status, stderr=stderr),
            Expect(("rm", "-rf", "--", "/tmp/x")),
        ]
    )
    try:
        PcsStore(fake).compare_and_swap(Snapshot(base), make_patch(base, target, Version.of(base)))
    finally:
        fake.finish()
    return fake


def test_pcs_store_pushes_the_new_content_with_the_version_that_was_read() -> None:
    fake = push()
    pushed = Snapshot.of(fake.files["/tmp/x/cib.xml"])
    assert str(pushed.version) == "0.10.3"
    assert pushed.cib.find(".//nvpair").get("value") == "y"
    assert fake.modes["/tmp/x/cib.xml"][0] == 0o600


def test_pcs_store_distinguishes_an_older_cib_from_a_rejection() -> None:
    with pytest.raises(VersionMismatch):
        push(status=1, stderr="Error: Call failed: Update was older than existing configuration")
    with pytest.raises(ClusterError, match="pcs rejected"):
        push(status=1, stderr="Error: unable to push cib: schema")
