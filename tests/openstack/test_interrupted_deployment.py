"""A deployment that is killed again and again leads to the same cloud.

It comes before the other tests here, as it makes the cloud that they use.
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

#: How often the deployment is killed, and how long it runs until then, in seconds.
KILLS, SHORTEST, LONGEST = 10, 5.0, 90.0


def test_a_deployment_that_was_killed_is_finished_by_the_next(bare: LabCloud, tmp_path: Path) -> None:
    chance = random.Random(1)
    line = [sys.executable, "-m", "pacemaker_os", "deploy", str(bare.topology)]
    for number in range(KILLS):
        told, seconds = tmp_path / f"{number}.txt", chance.uniform(SHORTEST, LONGEST)
        with (
            told.open("w") as stream,
            subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=stream) as running,
        ):
            try:
                running.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                running.kill()
        where = (told.read_text().splitlines() or ["nothing yet"])[-1].strip()
        print(f"\nkilled after {seconds:.0f} s; the last that was done: {where}", end="")
        assert running.returncode == -9, (
            f"it was to be killed, and ended by itself: {told.read_text()[-2000:]}"
        )
    print(f"\nfinished in {bare.deploy()['seconds']:.0f} s")
    assert bare.deploy()["changed"] == []


def test_nothing_is_left_of_the_interruptions(bare: LabCloud) -> None:
    first, *_ = controllers = bare.nodes("controller")
    for name in (*controllers, *bare.nodes("compute")):
        # The lab's image may have one of its own.
        assert bare.node(name).run(["cat", POLICY], ok=(0, 1)).stdout != NO_STARTS
        left = bare.node(name).run(["find", "/etc", "/var/lib/pacemaker-os", "-name", ".pcs-os.*"]).text
        assert left == "", f"{name}: {left}"
    configuration = bare.node(first).run(["cibadmin", "--query"]).text
    assert "cli-ban" not in configuration
    assert 'name="target-role"' not in configuration


def test_all_controllers_are_alike(bare: LabCloud) -> None:
    first, *others = bare.nodes("controller")
    model = fingerprint(bare, first)
    for name in others:
        assert differences(model, fingerprint(bare, name)) == [], f"{first} and {name}"


def test_nothing_is_there_twice(bare: LabCloud) -> None:
    endpoints = bare.openstack("endpoint list -f value -c 'Service Name' -c Interface").splitlines()
    assert len(endpoints) == len(set(endpoints))
    for kind in ("service", "user", "project", "network", "subnet", "router", "flavor"):
        names = bare.openstack(f"{kind} list -f value -c Name").splitlines()
        assert len(names) == len(set(names)), kind
