"""Secrets travel by standard input to files that only root reads, and are seen nowhere."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.live import LiveStore
from pacemaker_os.cluster.secrets import FOLDER, Use, bring, find_value
from pacemaker_os.cluster.target import Target
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.fake import Expect, FakeTransport

USE = Use("vip", "password", "bmc-password")
VALUE = "s3cret-of-tests"
SUM = hashlib.md5(VALUE.encode()).hexdigest()
NAMES = [
    Expect(("crm_node", "--name"), stdout="n1\n"),
    Expect(("crm_node", "--list"), stdout="1 n1 member\n"),
]
MAKE = Expect(("mkdir", "-p", "-m", "0700", FOLDER, f"{FOLDER}/vip"))


def cluster(fake: FakeTransport) -> Cluster:
    return Cluster(LiveStore(fake), None, fake, live=True, target=Target(container="lab-n1"))


def test_value_comes_from_the_environment_or_a_file(tmp_path: object) -> None:
    assert find_value("bmc-password", {}) is None
    found = find_value("bmc-password", {"PCS_OS_SECRET_BMC_PASSWORD": VALUE})
    assert found is not None
    assert found.reveal() == VALUE
    assert VALUE not in f"{found} {found!r}"


def test_is_written_for_root_alone_with_its_sum() -> None:
    fake = FakeTransport([*map(replace, NAMES), MAKE])
    assert bring(cluster(fake), [USE], {"PCS_OS_SECRET_BMC_PASSWORD": VALUE}) == []
    fake.finish()
    assert fake.files == {USE.path: VALUE.encode(), f"{USE.path}.sign": SUM.encode()}
    assert {mode for mode, _ in fake.modes.values()} == {0o600}


def test_the_same_value_is_not_written_again() -> None:
    fake = FakeTransport([*map(replace, NAMES)], files={f"{USE.path}.sign": SUM.encode()})
    bring(cluster(fake), [USE], {"PCS_OS_SECRET_BMC_PASSWORD": VALUE})
    fake.finish()
    assert USE.path not in fake.files


def test_missing_value_is_an_error_unless_the_node_has_it() -> None:
    with pytest.raises(ClusterError, match="PCS_OS_SECRET_BMC_PASSWORD"):
        bring(cluster(FakeTransport([*map(replace, NAMES)])), [USE], {})
    fake = FakeTransport([*map(replace, NAMES)], files={f"{USE.path}.sign": SUM.encode()})
    assert bring(cluster(fake), [USE], {}) == []


@pytest.mark.parametrize("value", ["", "x" * 256, "two\nlines", " s3cret "])
def test_what_pacemaker_cannot_keep_is_refused_without_being_shown(value: str) -> None:
    fake = FakeTransport([*map(replace, NAMES)])
    with pytest.raises(ClusterError) as caught:
        bring(cluster(fake), [USE], {"PCS_OS_SECRET_BMC_PASSWORD": value})
    assert not value.strip() or value not in str(caught.value)
    assert fake.files == {}
