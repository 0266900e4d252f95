"""What resource-agents' own ocf-tester says of the agents, with their real daemons; OpenStack is a stand-in.

MongoDB's is not among them: no package has a server that it could start.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from lab_handle import lab_up, pcs_os, wait_until
from stand_in import BUS, PAGE
from stand_ins import CREDENTIALS, NOVA, SERVICE, install

from benchmarks.agents.prepare import prepare
from benchmarks.agents.services import SERVICES
from benchmarks.agents.settle import Lab

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.cluster

NAME = "tester"

#: The service that the agents judge.
JUDGED = {"unit": SERVICE, "url": f"http://127.0.0.1:{PAGE}/healthcheck", "bus_port": str(BUS)}

#: Of each agent the parameters with which it is tested. ocf-tester allows 20 s for everything unless told.
AGENTS = {
    "memcached": {"port": "11400"},
    "redis": {"config": "/etc/redis/redis.conf"},
    "galera": {"wsrep_cluster_address": "gcomm://controller01", "CRM_meta_timeout": "120000"},
    "rabbitmq": {"CRM_meta_timeout": "120000"},
    "etcd": {"addresses": "controller01:ADDRESS"},
    "openstack-service": JUDGED,
    "nova-compute": JUDGED,
    "nova-evacuate": {"credentials_file": CREDENTIALS, "shared_storage": "yes"},
}


@pytest.fixture(scope="module")
def lab(engine: DockerClient) -> Iterator[Lab]:
    """One node with all daemons configured; of what the agents run, nothing runs."""
    with lab_up(NAME, "--nodes", "1", "--image", "services"):
        lab = Lab(NAME)
        node = lab.node("controller01")
        for name, service in SERVICES.items():
            prepare(lab, name)
            for argv in service.empty:
                node.run(argv)
        for unit in (SERVICE, NOVA):
            install(node, unit)
        node.run(["systemctl", "start", NOVA])
        wait_until("Nova is there", lambda: not node.run(["test", "-s", CREDENTIALS], ok=(0, 1)).status)
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
