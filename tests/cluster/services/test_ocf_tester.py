"""Conformance of the agents according to ocf-tester, with real daemons and a stand-in for OpenStack.

MongoDB is not included, because Debian has no package of its server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from lab_handle import lab_up, pcs_os, wait_until
from stand_in import BROKER, HEALTH
from stand_ins import CREDENTIALS, NOVA, SERVICE, install

from benchmarks.agents.prepare import prepare
from benchmarks.agents.services import SERVICES
from benchmarks.agents.settle import Lab

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.cluster

NAME = "tester"

#: Parameters for the stand-in.
STAND_IN = {"unit": SERVICE, "url": f"http://127.0.0.1:{HEALTH}/healthcheck", "bus_port": str(BROKER)}

#: Parameters of each agent. The default timeout of ocf-tester is 20 s.
AGENTS = {
    "memcached": {"port": "11400"},
    "redis": {"config": "/etc/redis/redis.conf"},
    "galera": {"wsrep_cluster_address": "gcomm://controller01", "CRM_meta_timeout": "120000"},
    "rabbitmq": {"CRM_meta_timeout": "120000"},
    "etcd": {"addresses": "controller01:ADDRESS"},
    "openstack-service": STAND_IN,
    "nova-compute": STAND_IN,
    "nova-evacuate": {"credentials_file": CREDENTIALS, "shared_storage": "yes"},
}


@pytest.fixture(scope="module")
def lab(engine: DockerClient) -> Iterator[Lab]:
    """A node on which all daemons are configured and stopped."""
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
        wait_until("Nova responds", lambda: not node.run(["test", "-s", CREDENTIALS], ok=(0, 1)).status)
        yield lab


@pytest.mark.parametrize("agent", AGENTS)
def test_agent_passes_without_warning(lab: Lab, agent: str) -> None:
    parameters = {
        key: value.replace("ADDRESS", lab.addresses["controller01"]) for key, value in AGENTS[agent].items()
    }
    options = [arg for key, value in parameters.items() for arg in ("-o", f"{key}={value}")]
    output = pcs_os("agents", "test", "--container", f"{NAME}-controller01", *options, agent).stdout
    assert "passed all tests" in output
    assert "WARNING" not in output.upper()
