"""Actions of phases, with replaced host steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_deployment import TEXT, small, small_context

from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.phases import actions

NODES = """\
  front01: {address: 192.0.2.41, roles: [front]}
  storage01: {address: 192.0.2.61, roles: [storage]}
"""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps, as `STEP NODE`; writing a file counts as a change."""
    found: list[str] = []

    def write(context: DeployContext, node: str, services: object) -> None:
        found.append(f"write {node}")
        context.recorder.record_change(node, "a file")

    monkeypatch.setattr(actions, "write_service_files", write)
    for name in ("gather_facts", "start_systemd_units"):
        monkeypatch.setattr(actions, name, lambda context, node, name=name: found.append(f"{name} {node}"))
    monkeypatch.setattr(
        actions,
        "restart_outdated",
        lambda context, services, nodes=(): found.extend(f"restart {node}" for node in nodes),
    )
    monkeypatch.setattr(actions, "run_jobs", lambda *args: None)
    monkeypatch.setattr(actions, "start_remotes", lambda first, nodes: found.append("remotes"))
    monkeypatch.setattr(actions, "apply_services", lambda *args: found.append("apply"))
    return found


@pytest.fixture
def context(tmp_path: Path) -> DeployContext:
    text = TEXT.replace("  compute01", f"{NODES}  compute01")
    transports: dict[str, Any] = {node.name: None for node in small(text).nodes}
    return small_context(tmp_path, text=text, transports=transports)


def test_front_nodes_restart_before_other_phases_need_them(context: DeployContext, done: list[str]) -> None:
    actions.configure_front_nodes(context)
    assert done == ["write front01", "start_systemd_units front01", "gather_facts front01", "restart front01"]


def test_remote_nodes_start_systemd_units_before_they_join(context: DeployContext, done: list[str]) -> None:
    actions.deploy_network_nodes(context)
    assert done == ["write storage01", "start_systemd_units storage01", "remotes", "apply"]


def test_cloud_without_front_nodes_skips_the_phase(tmp_path: Path, done: list[str]) -> None:
    actions.configure_front_nodes(small_context(tmp_path))
    assert done == []
