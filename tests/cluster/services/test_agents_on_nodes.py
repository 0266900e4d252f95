"""The agents under a real Pacemaker with real daemons: made, killed, cut off, and all data kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lab_handle import LabHandle

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[3]


def program(name: str, *words: str) -> None:
    """Run one of the benchmark's programs; it fails when something was lost."""
    line = [sys.executable, "-m", f"benchmarks.agents.{name}", *words]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.campaign
@pytest.mark.parametrize("service", ["galera", "rabbitmq", "redis"])
def test_nothing_acknowledged_is_lost(own_lab: Callable[..., LabHandle], service: str) -> None:
    own_lab(f"agent-{service}", "--image", "services")
    program("prepare", f"agent-{service}", service)
    program("campaign", f"agent-{service}", service, "--seed", "20", "--faults", "5")


def test_installed_agents_are_what_pacemaker_sees(own_lab: Callable[..., LabHandle]) -> None:
    lab = own_lab("agents", "--nodes", "1")
    node = lab.node("controller01")
    subprocess.run(
        [sys.executable, "-m", "pacemaker_os", "agents", "install", "--container", "agents-controller01"],
        check=True,
    )
    listed = node.run(["crm_resource", "--list-agents", "ocf:pacemaker-os"]).text.split()
    assert "galera" in listed
    for name in listed:
        said = node.run(["crm_resource", "--show-metadata", f"ocf:pacemaker-os:{name}"]).text
        assert "<version>1.1</version>" in said
