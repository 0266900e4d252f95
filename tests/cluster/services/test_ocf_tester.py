"""What resource-agents' own ocf-tester says of the agents, with their real daemons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from lab_handle import lab_up, pcs_os

from benchmarks.agents.prepare import prepare
from benchmarks.agents.services import SERVICES
from benchmarks.agents.settle import Lab

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.cluster

NAME = "tester"

#: Of each agent the parameters with which it is tested. ocf-tester allows 20 s for everything unless told.
AGENTS = {
    "memcached": {"port": "11400"},
    "redis": {"config": "/etc/redis/redis.conf"},
    "galera": {"wsrep_cluster_address": "gcomm://controller01", "CRM_meta_timeout": "120000"},
    "rabbitmq": {"CRM_meta_timeout": "120000"},
    "etcd": {"addresses": "controller01:ADDRESS"},
}


@pytest.fixture(scope="module")
def lab(engine: DockerClient) -> Iterator[Lab]:
    """One node with all daemons configured and none running."""
    with lab_up(NAME, "--nodes", "1", "--image", "services"):
        lab = Lab(NAME)
        for name, service in SERVICES.items():
            prepare(lab, name)
            for argv in service.empty:
                lab.node("controller01").run(argv)
        yield lab


@pytest.mark.parametrize("agent", AGENTS)
def test_agent_passes_without_a_warning(lab: Lab, agent: str) -> None:
    parameters = {
        key: value.replace("ADDRESS", lab.addresses["controller01"]) for key, value in AGENTS[agent].items()
    }
    options = [word for key, value in parameters.items() for word in ("-o", f"{key}={value}")]
    said = pcs_os("agents", "test", "--container", f"{NAME}-controller01", *options, agent).stdout
    assert "passed all tests" in said
    assert "WARNING" not in said.upper()
