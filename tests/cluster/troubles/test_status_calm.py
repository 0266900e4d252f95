"""A cluster without troubles: status reports no problem in calm, and none after failovers have ended."""

from __future__ import annotations

import time
from itertools import cycle

import pytest
from lab_handle import LabHandle
from trouble_site import TroubleSite, describe, problems

pytestmark = [pytest.mark.cluster, pytest.mark.campaign]

#: Duration of the calm, and of the calm after each failover, in seconds.
CALM, AFTER = 1800, 60

FAILOVERS = 5


@pytest.fixture(scope="module")
def site(session_lab: LabHandle, tmp_path_factory: pytest.TempPathFactory) -> TroubleSite:
    return TroubleSite(session_lab, tmp_path_factory.mktemp("calm"))


def observe(site: TroubleSite, seconds: float) -> int:
    """Read the status through each node in turn, and return how often; fail at the first problem."""
    end = time.monotonic() + seconds
    for count, node in enumerate(cycle(site.nodes)):
        state = site.status(node)
        assert not problems(state), f"through {node}, after {count} readings:\n{describe(state)}"
        if time.monotonic() > end:
            return count + 1
        time.sleep(2)
    raise AssertionError("no nodes")


def test_calm_cluster_has_no_problems(site: TroubleSite) -> None:
    print(observe(site, CALM), "readings")


@pytest.mark.parametrize("number", range(FAILOVERS))
def test_failover_that_has_ended_leaves_no_problems(site: TroubleSite, number: int) -> None:
    victim = site.where_runs("address" if number % 2 else "db")
    fault = ("kill", "pause", "partition", "power-loss")[number % 4]
    witness = next(node for node in site.nodes if node != victim)
    seconds = site.lab.seconds_until_fenced(victim, lambda: site.lab.fault(fault, victim))
    site.lab.fault("heal", victim)
    site.lab.wait_online(150)
    site.run(["crm_resource", "--wait", "--timeout", "120s"], witness)
    print(f"{fault} of {victim}: fenced after {seconds:.1f} s, then {observe(site, AFTER)} readings")
