"""Secrets are written over standard input to files that only root can read, and are never shown."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from pacemaker_os.cluster.store.peers import Peer
from pacemaker_os.cluster.store.secrets import (
    DIRECTORY,
    SecretParameter,
    SecretValues,
    distribute,
    planned_secrets,
    without_value,
)
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.planned_secret import PlannedSecret
from pacemaker_os.plan.prediction.effects import Effect
from pacemaker_os.secret import Secret
from pacemaker_os.transport.fake import Expect, FakeTransport

USE = SecretParameter("vip", "password", "bmc-password")
PLANNED = PlannedSecret("vip", "password", "bmc-password", ("n1",))
VALUE = "s3cret-of-tests"
GIVEN = SecretValues(environment={"PCS_OS_SECRET_BMC_PASSWORD": VALUE})
NONE = SecretValues(environment={})
SUM = hashlib.md5(VALUE.encode()).hexdigest()
MAKE = Expect(("mkdir", "-p", "-m", "0700", DIRECTORY, f"{DIRECTORY}/vip"))


def peer(fake: FakeTransport) -> list[Peer]:
    return [Peer("n1", fake)]


def node(stored_sum: str | None = None, *, makes: bool = False) -> FakeTransport:
    """Return a node with the sum of the secret that it stores."""
    files = {} if stored_sum is None else {f"{USE.path}.sign": stored_sum.encode()}
    return FakeTransport([MAKE] if makes else [], files=files)


def test_value_is_read_from_the_environment(tmp_path: object) -> None:
    assert NONE.find("bmc-password") is None
    found = GIVEN.find("bmc-password")
    assert found is not None
    assert found.reveal() == VALUE
    assert VALUE not in f"{found} {found!r}"


def test_given_value_overrides_the_environment() -> None:
    passed = replace(GIVEN, given={"bmc-password": Secret("another")})
    assert passed.find("bmc-password") == Secret("another")


@pytest.mark.parametrize(
    ("there", "values", "nodes"),
    [
        (None, GIVEN, ("n1",)),
        ("0" * 32, GIVEN, ("n1",)),
        (SUM, GIVEN, ()),
        (SUM, NONE, ()),
        (None, NONE, ("n1",)),
    ],
    ids=["missing", "differs", "the same", "kept", "missing and without a value"],
)
def test_planned_secret_names_the_nodes_to_write(
    there: str | None, values: SecretValues, nodes: tuple[str, ...]
) -> None:
    fake = node(there)
    assert planned_secrets(peer(fake), [USE], values) == [replace(PLANNED, nodes=nodes)]
    fake.finish()


def test_missing_value_is_reported_with_its_variable() -> None:
    assert "PCS_OS_SECRET_BMC_PASSWORD" in next(without_value([PLANNED], NONE))
    assert list(without_value([PLANNED], GIVEN)) == []
    assert list(without_value([replace(PLANNED, nodes=())], NONE)) == []


def test_restart_is_required_unless_the_plan_restarts_the_resource() -> None:
    restarts = Effect("restart", "vip:0", "vip-clone", "n1", "n1")
    assert PLANNED.after(()).restart_required
    assert PLANNED.after((replace(restarts, verb="reload"),)).restart_required
    assert not PLANNED.after((restarts,)).restart_required
    assert not replace(PLANNED, nodes=()).after(()).restart_required


def test_secret_is_written_for_root_only_with_its_sum() -> None:
    fake = node(makes=True)
    assert distribute(peer(fake), [PLANNED], GIVEN) == []
    fake.finish()
    assert fake.files == {USE.path: VALUE.encode(), f"{USE.path}.sign": SUM.encode()}
    assert {mode for mode, _ in fake.modes.values()} == {0o600}


def test_unchanged_value_is_not_written() -> None:
    fake = node(SUM)
    distribute(peer(fake), [PLANNED], GIVEN)
    fake.finish()
    assert USE.path not in fake.files


def test_missing_value_is_an_error_unless_all_nodes_have_one() -> None:
    with pytest.raises(ClusterError, match=r"to n1: .*PCS_OS_SECRET_BMC_PASSWORD"):
        distribute(peer(node()), [PLANNED], NONE)
    assert distribute(peer(node(SUM)), [replace(PLANNED, nodes=())], NONE) == []


@pytest.mark.parametrize("value", ["", "x" * 256, "two\nlines", " s3cret "])
def test_invalid_value_is_rejected_without_being_shown(value: str) -> None:
    fake = node()
    with pytest.raises(ClusterError) as caught:
        distribute(peer(fake), [PLANNED], SecretValues(environment={"PCS_OS_SECRET_BMC_PASSWORD": value}))
    assert not value.strip() or value not in str(caught.value)
    assert fake.files == {}
