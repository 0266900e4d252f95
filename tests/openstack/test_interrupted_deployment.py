"""A deployment that is killed repeatedly leads to the same cloud.

These tests run before the others in this directory, because they deploy the cloud that the others use.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from fingerprint import differences, fingerprint
from lab_cloud import LabCloud

from pacemaker_os.install.facts.host_facts import NO_STARTS, POLICY

pytestmark = pytest.mark.campaign

#: Number of kills, and minimum and maximum run time before each kill, in seconds.
KILLS, SHORTEST, LONGEST = 10, 5.0, 90.0


def test_deployment_resumes_after_kills(bare: LabCloud, tmp_path: Path) -> None:
    chance = random.Random(1)
    argv = [sys.executable, "-m", "pacemaker_os", "deploy", str(bare.topology)]
    for number in range(KILLS):
        output, seconds = tmp_path / f"{number}.txt", chance.uniform(SHORTEST, LONGEST)
        with (
            output.open("w") as stream,
            subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=stream) as running,
        ):
            try:
                running.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                running.kill()
        last = (output.read_text().splitlines() or ["nothing"])[-1].strip()
        print(f"\nkilled after {seconds:.0f} s; last completed step: {last}", end="")
        assert running.returncode == -9, (
            f"the deployment ended before it was killed: {output.read_text()[-2000:]}"
        )
    print(f"\nfinished in {bare.deploy()['seconds']:.0f} s")
    assert bare.deploy()["changed"] == []


def test_interruptions_leave_no_files_and_constraints(bare: LabCloud) -> None:
    first, *_ = controllers = bare.nodes("controller")
    for name in (*controllers, *bare.nodes("compute")):
        # The node image may have its own policy-rc.d.
        assert bare.node(name).run(["cat", POLICY], ok=(0, 1)).stdout != NO_STARTS
        leftovers = bare.node(name).run(["find", "/etc", "/var/lib/pacemaker-os", "-name", ".pcs-os.*"]).text
        assert leftovers == "", f"{name}: {leftovers}"
    configuration = bare.node(first).run(["cibadmin", "--query"]).text
    assert "cli-ban" not in configuration
    assert 'name="target-role"' not in configuration


def test_all_controllers_are_equivalent(bare: LabCloud) -> None:
    first, *others = bare.nodes("controller")
    model = fingerprint(bare, first)
    for name in others:
        assert differences(model, fingerprint(bare, name)) == [], f"{first} and {name}"


def test_no_object_exists_twice(bare: LabCloud) -> None:
    endpoints = bare.openstack("endpoint list -f value -c 'Service Name' -c Interface").splitlines()
    assert len(endpoints) == len(set(endpoints))
    for kind in ("service", "user", "project", "network", "subnet", "router", "flavor"):
        names = bare.openstack(f"{kind} list -f value -c Name").splitlines()
        assert len(names) == len(set(names)), kind
