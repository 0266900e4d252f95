"""A deployment that is killed again and again leads to the same cloud.

It comes before the other tests here, as it makes the cloud that they use.
"""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from lab_cloud import LabCloud

pytestmark = pytest.mark.campaign

#: How often the deployment is killed, and the longest that it runs until then, in seconds.
KILLS, LONGEST = 10, 90.0


def test_a_deployment_that_was_killed_is_finished_by_the_next(bare: LabCloud) -> None:
    chance = random.Random(1)
    line = [sys.executable, "-m", "pacemaker_os", "deploy", str(bare.topology)]
    for _ in range(KILLS):
        with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            try:
                running.wait(timeout=chance.uniform(5.0, LONGEST))
            except subprocess.TimeoutExpired:
                running.kill()
    bare.deploy()
    assert bare.deploy()["changed"] == []
