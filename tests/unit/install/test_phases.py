"""What phases do on which nodes, without the nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_deployment import TEXT, small

from pacemaker_os.install.context.context import Run
from pacemaker_os.install.phases import phases

NODES = """\
  front01: {address: 192.0.2.41, roles: [front]}
  storage01: {address: 192.0.2.61, roles: [storage]}
"""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, as `WHAT NODE`; writing a file is a change."""
    found: list[str] = []

    def write(run: Run, node: str, services: object) -> None:
        found.append(f"write {node}")
        run.note_change(node, "a file")

    monkeypatch.setattr(phases.hosts, "write_service_files", write)
    for name in ("look_at", "start_systemd_units"):
        monkeypatch.setattr(phases.hosts, name, lambda run, node, name=name: found.append(f"{name} {node}"))
    monkeypatch.setattr(
        phases,
        "restart_stale",
        lambda run, services, nodes=(): found.extend(f"restart {node}" for node in nodes),
    )
    monkeypatch.setattr(phases.services, "run_jobs", lambda *given: None)
    monkeypatch.setattr(phases, "start_remotes", lambda first, nodes: found.append("remotes"))
    monkeypatch.setattr(phases, "apply_services", lambda *given: found.append("apply"))
    return found


@pytest.fixture
def run(tmp_path: Path) -> Run:
    deployment = small(TEXT.replace("  compute01", f"{NODES}  compute01"))
    anything: dict[str, Any] = {node.name: None for node in deployment.nodes}
    return Run(deployment, deployment.cloud, {}, anything, tmp_path, lambda news: None)


def test_front_nodes_take_in_what_was_changed_before_anybody_needs_it(run: Run, done: list[str]) -> None:
    phases.front_nodes(run)
    assert done == ["write front01", "start_systemd_units front01", "look_at front01", "restart front01"]


def test_what_stays_with_systemd_is_started_on_remote_nodes_before_the_cluster_has_them(
    run: Run, done: list[str]
) -> None:
    phases.network_nodes(run)
    assert done == ["write storage01", "start_systemd_units storage01", "remotes", "apply"]


def test_a_cloud_without_front_nodes_has_nothing_to_do_there(tmp_path: Path, done: list[str]) -> None:
    deployment = small()
    run = Run(deployment, deployment.cloud, {}, {}, tmp_path, lambda news: None)
    phases.front_nodes(run)
    assert done == []
