"""A deployment that resumes after an interruption between writing the CIB and waiting."""

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
    ("pending", "steps"),
    [(("start galera",), ["wait for the infrastructure"]), ((), [])],
    ids=["pending", "settled"],
)
def test_apply_services_waits_for_pending_actions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pending: tuple[str, ...], steps: list[str]
) -> None:
    events: list[Any] = []
    context = small_context(tmp_path, events.append)
    polls: list[str] = []

    def watch(cluster: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(remaining=pending, settled=False, stalled=False)
        polls.append("again")
        yield SimpleNamespace(remaining=(), settled=True, stalled=False)

    empty_plan = SimpleNamespace(plan=SimpleNamespace(is_empty=True))
    monkeypatch.setattr(DeployContext, "cluster", lambda self: object())
    monkeypatch.setattr(cluster_document, "configured_ids", lambda cluster: {"galera"})
    monkeypatch.setattr(cluster_document, "_is_complete", lambda *args: False)
    monkeypatch.setattr(cluster_document, "_prepare", lambda *args: empty_plan)
    monkeypatch.setattr(cluster_document, "read_status", lambda cluster: SimpleNamespace(failures=()))
    monkeypatch.setattr(cluster_document, "watch", watch)
    cluster_document.apply_services(context, (), (), "the infrastructure")
    assert list(dict.fromkeys(event.step for event in events)) == steps
    assert bool(polls) == bool(pending)


def test_apply_services_clears_degraded_results_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart of a broker leaves degraded results in the history of its clients."""
    events: list[Any] = []
    context = small_context(tmp_path, events.append)
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
    assert events == []
