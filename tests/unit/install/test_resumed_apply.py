"""A deployment that goes on after one that was cut off between writing the cluster's document and waiting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_deployment import small_context

from pacemaker_os.install import cluster_document
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.status.failures import Failure
from pacemaker_os.transport.fake import Expect, FakeTransport


@pytest.mark.parametrize(
    ("left", "steps"),
    [(("start galera",), ["wait for the infrastructure"]), ((), [])],
    ids=["begun", "at rest"],
)
def test_what_was_begun_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: tuple[str, ...], steps: list[str]
) -> None:
    said: list[Any] = []
    context = small_context(tmp_path, said.append)
    looks: list[str] = []

    def watch(cluster: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(remaining=left, settled=False, stalled=False)
        looks.append("again")
        yield SimpleNamespace(remaining=(), settled=True, stalled=False)

    nothing_to_write = SimpleNamespace(plan=SimpleNamespace(is_empty=True))
    monkeypatch.setattr(DeployContext, "cluster", lambda self: object())
    monkeypatch.setattr(cluster_document, "configured_ids", lambda cluster: {"galera"})
    monkeypatch.setattr(cluster_document, "_is_complete", lambda *given: False)
    monkeypatch.setattr(cluster_document, "_prepare", lambda *given: nothing_to_write)
    monkeypatch.setattr(cluster_document, "read_status", lambda cluster: SimpleNamespace(failures=()))
    monkeypatch.setattr(cluster_document, "watch", watch)
    cluster_document.apply_services(context, (), (), "the infrastructure")
    assert list(dict.fromkeys(event.step for event in said)) == steps
    assert bool(looks) == bool(left)


def test_what_was_less_than_well_is_forgotten_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brokers that restart leave a line with each service that looked for them at that moment."""
    said: list[Any] = []
    context = small_context(tmp_path, said.append)
    context.inventory.is_complete = True
    node = FakeTransport([Expect(("crm_resource", "--cleanup", "--resource", "galera"))])
    degraded = Failure("galera", "monitor", "n1", "degraded", degraded=True)
    monkeypatch.setattr(DeployContext, "cluster", lambda self: SimpleNamespace(transport=node))
    monkeypatch.setattr(cluster_document, "configured_ids", lambda cluster: {"galera"})
    monkeypatch.setattr(
        cluster_document, "read_status", lambda cluster: SimpleNamespace(failures=(degraded,))
    )
    cluster_document.apply_services(context, (SERVICES["galera"],), (), "the infrastructure")
    node.finish()
    assert said == []
