"""Interruptions for clients when a controller fails, returns, or is drained."""

from __future__ import annotations

import pytest
from lab_cloud import LabCloud, pcs_os
from nova_client import until
from outage import Clients

from pacemaker_os.cluster.setup.facts import online_nodes
from pacemaker_os.transport.container import ContainerTransport

pytestmark = pytest.mark.cluster

#: Maximum gap of an API, in seconds, when a controller fails and when it is drained.
KILLED, DRAINED = 20.0, 3.0

#: Timeout for a fenced controller to be online again, and for all APIs to respond, in seconds.
BACK = 300.0

#: Timeout for all resources on a controller to stop or start, in seconds; it usually takes 2 min.
SETTLED = 900


def open_clients(cloud: LabCloud) -> Clients:
    return Clients(cloud.vip, cloud.password, cloud.services)


def wait_for_controllers(cloud: LabCloud, clients: Clients) -> None:
    """Wait until all controllers are online, the cluster has settled, and all APIs respond."""
    controllers = set(cloud.nodes("controller"))
    first = cloud.node(min(controllers))
    until(lambda: controllers <= online_nodes(first), BACK)
    settle(first)
    until(clients.all_respond, BACK)


def settle(node: ContainerTransport) -> None:
    """Wait until the cluster has settled."""
    node.run(["crm_resource", "--wait", f"--timeout={SETTLED}s"], timeout=SETTLED + 30)


def booted(cloud: LabCloud, name: str) -> str:
    """Return the start time of a node, in seconds since 1970."""
    return cloud.node(name).run(["stat", "--format=%Y", "/proc/1"]).text


@pytest.mark.parametrize("number", [0, 1, 2])
def test_controller_failure_interrupts_apis_briefly(cloud: LabCloud, number: int) -> None:
    victim = cloud.nodes("controller")[number]
    before = booted(cloud, victim)
    with open_clients(cloud) as clients:
        until(clients.warm, BACK)
        clients.reset()
        pcs_os("lab", "fault", "kill", "--name", cloud.lab, victim)
        # The failed controller may count as online until it is fenced.
        until(lambda: booted(cloud, victim) != before, BACK)
        print(f"\n{victim} killed, until it was fenced:", clients.summary)
        wait_for_controllers(cloud, clients)
    print(f"\n{victim} killed, and all online:", clients.summary)
    assert clients.writer.acknowledged
    assert clients.writer.lost() == []
    assert max(clients.gaps.values()) < KILLED


@pytest.mark.parametrize("number", [0, 1, 2])
def test_drained_controller_interrupts_apis_briefly(cloud: LabCloud, number: int) -> None:
    victim = cloud.nodes("controller")[number]
    with open_clients(cloud) as clients:
        until(clients.warm, BACK)
        clients.reset()
        for state in ("on", "off"):
            cloud.node(victim).run(["crm_standby", "--node", victim, "--update", state])
            settle(cloud.node(victim))
            print(f"\n{victim} drained, standby {state}:", clients.summary)
        wait_for_controllers(cloud, clients)
    print(f"\n{victim} drained, and all online:", clients.summary)
    assert clients.writer.acknowledged
    assert clients.writer.lost() == []
    if (gap := max(clients.gaps.values())) >= DRAINED:
        pytest.xfail(f"the goal of {DRAINED:.0f} s is not reached: {gap:.1f} s")
