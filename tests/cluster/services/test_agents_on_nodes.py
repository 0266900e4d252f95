"""The agents under Pacemaker with real daemons: fault campaigns without data loss."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_handle import LabHandle

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[3]


def run_benchmark(name: str, *args: str) -> None:
    """Run a benchmark program. It fails after data loss."""
    argv = [sys.executable, "-m", f"benchmarks.agents.{name}", *args]
    completed = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=3600)
    assert completed.returncode == 0, completed.stdout + completed.stderr


@pytest.mark.campaign
@pytest.mark.parametrize("service", ["galera", "rabbitmq", "redis"])
def test_fault_campaign_loses_no_acknowledged_data(own_lab: Callable[..., LabHandle], service: str) -> None:
    own_lab(f"agent-{service}", "--image", "services")
    run_benchmark("prepare", f"agent-{service}", service)
    run_benchmark("campaign", f"agent-{service}", service, "--seed", "20", "--faults", "5")


def test_pacemaker_lists_installed_agents(own_lab: Callable[..., LabHandle]) -> None:
    lab = own_lab("agents", "--nodes", "1")
    node = lab.node("controller01")
    subprocess.run(
        [sys.executable, "-m", "pacemaker_os", "agents", "install", "--container", "agents-controller01"],
        check=True,
    )
    listed = node.run(["crm_resource", "--list-agents", "ocf:pacemaker-os"]).text.split()
    assert "galera" in listed
    for name in listed:
        metadata = node.run(["crm_resource", "--show-metadata", f"ocf:pacemaker-os:{name}"]).text
        assert "<version>1.1</version>" in metadata
