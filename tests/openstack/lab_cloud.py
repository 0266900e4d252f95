"""A cloud on a lab: its topology, and what a test does with it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pacemaker_os.transport.container import ContainerTransport

#: The longest that a deployment may take, in seconds.
DEPLOY = 3600


def pcs_os(*words: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    """Run the product as a user does."""
    line = [sys.executable, "-m", "pacemaker_os", *words]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=DEPLOY)
    assert ended.returncode in ok, f"{' '.join(words)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended


@dataclass(frozen=True)
class LabCloud:
    """A cloud on the lab of its name, with its topology in a file."""

    topology: Path

    @property
    def lab(self) -> str:
        return str(self.said["name"])

    @property
    def said(self) -> dict[str, Any]:
        """What the topology says."""
        said: dict[str, Any] = yaml.safe_load(self.topology.read_text())
        return said

    @property
    def vip(self) -> str:
        return str(self.said["vips"]["default"])

    @property
    def document(self) -> Path:
        """The cluster's document, as the deployment left it."""
        return self.topology.with_suffix(".cib.yaml")

    def node(self, name: str) -> ContainerTransport:
        """The way to a node."""
        return ContainerTransport(f"{self.lab}-{name}")

    def nodes(self, role: str) -> list[str]:
        """The names of the nodes of a role."""
        return [name for name, node in self.said["nodes"].items() if role in node["roles"]]

    def deploy(self, *options: str) -> dict[str, Any]:
        """Deploy, and return what was changed and how long it took."""
        ended = pcs_os("deploy", *options, "--json", str(self.topology))
        result: dict[str, Any] = json.loads(ended.stdout)
        return result

    def change(self, **settings: str) -> None:
        """Change settings of the topology."""
        said = self.said
        said["settings"] |= settings
        self.topology.write_text(yaml.safe_dump(said, sort_keys=False))

    def openstack(self, line: str, *, by: str = "controller02", stdin: bytes = b"") -> str:
        """Run the stock client on a node, as the administrator, through the virtual address."""
        secrets = yaml.safe_load(self.topology.with_name(f"{self.topology.stem}.secrets.yaml").read_text())
        env = {
            "OS_AUTH_URL": f"http://{self.vip}:5000/v3",
            "OS_USERNAME": "admin",
            "OS_PASSWORD": secrets["admin"],
            "OS_PROJECT_NAME": "admin",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": "RegionOne",
            "OS_IDENTITY_API_VERSION": "3",
        }
        words = ["openstack", *shlex.split(line)]
        return self.node(by).run(words, env=env, input=stdin, timeout=300).text.strip()


def topology_of(lab: str, folder: Path, services: list[str], **settings: str) -> Path:
    """Write the topology of a cloud on the nodes of a lab, and return its path."""
    states = json.loads(pcs_os("lab", "status", "--name", lab, "--json").stdout)
    bmc = next(state["address"] for state in states if state["role"] == "bmc")
    nodes = {state["node"]: _node(lab, state, bmc) for state in states if state["role"] != "bmc"}
    subnet = bmc.rpartition(".")[0]
    said = {
        "name": lab,
        # A lab's node is fenced within seconds.
        "token": 1000,
        "pmtud_interval": 2,
        "network": f"{subnet}.0/24",
        "nodes": nodes,
        "vips": {"default": f"{subnet}.10"},
        "services": services,
        "settings": {
            "workers": "1",
            # Three nodes on the cores of one machine.
            "actions_per_node": "2",
            "database_memory": "128M",
            "cache_memory": "64",
            "compute_driver": "fake.FakeDriver",
            "external_interface": "phy0",
            "external_network": "203.0.113.0/24",
            "external_pool": "203.0.113.100-203.0.113.200",
            "external_gateway": "203.0.113.1",
            # A container may not read what it has no right to, and asks for less.
            "privsep_capabilities": "CAP_SYS_ADMIN,CAP_NET_ADMIN,CAP_DAC_OVERRIDE,CAP_SYS_PTRACE",
            **settings,
        },
    }
    path = folder / "cloud.yaml"
    path.write_text(yaml.safe_dump(said, sort_keys=False))
    return path


def _node(lab: str, state: dict[str, Any], bmc: str) -> dict[str, Any]:
    return {
        "address": state["address"],
        "container": f"{lab}-{state['node']}",
        "roles": ["controller", "network"] if state["role"] == "node" else ["compute"],
        "fencing": {
            "agent": "fence_redfish",
            "ip": bmc,
            "username": "fence",
            "password_script": "/etc/pacemaker/bmc-password",
            "ssl_secure": "1",
            "systems_uri": f"/redfish/v1/Systems/{state['node']}",
        },
    }
