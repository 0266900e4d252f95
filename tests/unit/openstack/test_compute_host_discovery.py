"""The program that maps compute hosts to Nova's cell, run with a fake nova-manage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from clouds import CLOUDS, secrets
from programs import INSTALLED

from pacemaker_os.openstack.jobs import desired_jobs
from pacemaker_os.openstack.parts.compute_host_discovery import PROGRAM
from pacemaker_os.openstack.services import nova_compute

#: Hosts that have reported to Nova are in the file `reported`, those in the cell in the file `mapped`.
NOVA_MANAGE = """#!/bin/sh
echo "$2" >>commands
case "$2" in
  list_hosts) cat mapped ;;
  discover_hosts) cp reported mapped ;;
esac
"""


def discover(directory: Path, *, reported: str, mapped: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program for two hosts."""
    (directory / "nova-manage").write_text(NOVA_MANAGE)
    (directory / "nova-manage").chmod(0o755)
    for name, hosts in {"reported": reported, "mapped": mapped, "commands": ""}.items():
        (directory / name).write_text("".join(f"| cell1 | 7 | {host} |\n" for host in hosts.split()))
    environ = {"PATH": f"{directory}:{os.environ['PATH']}"}
    line = [sys.executable, "-I", str(INSTALLED / "discover_compute_hosts.py"), "compute01", "compute02"]
    return subprocess.run(line, cwd=directory, env=environ, capture_output=True, text=True)


def commands(directory: Path) -> list[str]:
    """Return the commands of nova-manage that were run."""
    return (directory / "commands").read_text().split()


def test_discovery_reported_hosts_are_mapped(tmp_path: Path) -> None:
    assert discover(tmp_path, reported="compute01 compute02", mapped="compute01").returncode == 0
    assert commands(tmp_path) == ["list_hosts", "discover_hosts", "list_hosts"]


def test_discovery_unreported_host_fails(tmp_path: Path) -> None:
    done = discover(tmp_path, reported="compute02")
    assert done.returncode == 1
    assert "does not know these hosts yet: compute01;" in done.stderr


def test_discovery_mapped_hosts_runs_no_discovery(tmp_path: Path) -> None:
    assert discover(tmp_path, reported="", mapped="compute01 compute02").returncode == 0
    assert commands(tmp_path) == ["list_hosts"]


def test_discovery_fully_qualified_names_match(tmp_path: Path) -> None:
    mapped = "compute01.example.org compute02.example.org"
    assert discover(tmp_path, reported="", mapped=mapped).returncode == 0


def test_discovery_job_names_every_compute_host_and_retries() -> None:
    cloud = CLOUDS["three-controllers"]
    found = desired_jobs(cloud, nova_compute.SERVICE, secrets(cloud), "finish")
    (job,) = [job for job in found if PROGRAM in job.argv]
    assert job.argv == (PROGRAM, "compute01", "compute02")
    assert job.retry_timeout > 0
