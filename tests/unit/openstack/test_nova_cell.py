"""The program that takes compute hosts into Nova's cell, before a nova-manage that knows a few."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from clouds import CLOUDS, secrets

from pacemaker_os.openstack.render import jobs
from pacemaker_os.openstack.services import nova_compute
from pacemaker_os.openstack.services.nova_cell import PROGRAM, SCRIPT

#: Hosts that told Nova of themselves are in the file `told`; those in the cell are in the file `mapped`.
NOVA_MANAGE = """#!/bin/sh
echo "$2" >>asked
case "$2" in
  list_hosts) cat mapped ;;
  discover_hosts) cp told mapped ;;
esac
"""


def take(folder: Path, *, told: str, mapped: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program for two hosts."""
    (folder / "nova-manage").write_text(NOVA_MANAGE)
    (folder / "nova-manage").chmod(0o755)
    for name, hosts in {"told": told, "mapped": mapped, "asked": ""}.items():
        (folder / name).write_text("".join(f"| cell1 | 7 | {host} |\n" for host in hosts.split()))
    environ = {"PATH": f"{folder}:{os.environ['PATH']}"}
    line = [sys.executable, "-c", SCRIPT, "compute01", "compute02"]
    return subprocess.run(line, cwd=folder, env=environ, capture_output=True, text=True)


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().split()


def test_hosts_that_nova_knows_are_taken(tmp_path: Path) -> None:
    assert take(tmp_path, told="compute01 compute02", mapped="compute01").returncode == 0
    assert asked(tmp_path) == ["list_hosts", "discover_hosts", "list_hosts"]


def test_one_that_has_not_told_of_itself_yet_is_waited_for(tmp_path: Path) -> None:
    ended = take(tmp_path, told="compute02")
    assert ended.returncode == 1
    assert "does not know compute01 yet" in ended.stderr


def test_where_all_are_in_the_cell_nothing_more_is_asked(tmp_path: Path) -> None:
    assert take(tmp_path, told="", mapped="compute01 compute02").returncode == 0
    assert asked(tmp_path) == ["list_hosts"]


def test_nova_may_call_them_by_their_full_names(tmp_path: Path) -> None:
    assert take(tmp_path, told="", mapped="compute01.example.org compute02.example.org").returncode == 0


def test_a_deployment_names_every_compute_host_and_tries_again() -> None:
    cloud = CLOUDS["three-controllers"]
    found = jobs(cloud, nova_compute.SERVICE, secrets(cloud), "finish")
    (job,) = [job for job in found if PROGRAM in job.argv]
    assert job.argv == (PROGRAM, "compute01", "compute02")
    assert job.patience > 0
