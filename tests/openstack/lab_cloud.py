"""A cloud on a lab: its topology, and what a test does with it."""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from pacemaker_os.lab.shape import SHARE
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.transport.container import ContainerTransport

#: The export of volumes that is the default of the setting `volume_nfs_export`.
VOLUMES = SETTINGS["volume_nfs_export"].default

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
    def password(self) -> str:
        """The administrator's, as the deployment made it."""
        secrets = yaml.safe_load(self.topology.with_name(f"{self.topology.stem}.secrets.yaml").read_text())
        return str(secrets["admin"])

    @property
    def document(self) -> Path:
        """The cluster's document, as the deployment left it."""
        return self.topology.with_suffix(".cib.yaml")

    def node(self, name: str) -> ContainerTransport:
        """The way to a node."""
        return ContainerTransport(f"{self.lab}-{name}")

    @property
    def services(self) -> set[str]:
        """The names of all services, also of those that others need."""
        return {service.name for service in ordered(self.said["services"])}

    def nodes(self, role: str) -> list[str]:
        """The names of the nodes of a role."""
        return [name for name, node in self.said["nodes"].items() if role in node["roles"]]

    def deploy(self, *options: str) -> dict[str, Any]:
        """Deploy, and return what was changed and how long it took."""
        ended = pcs_os("deploy", *options, "--json", str(self.topology))
        result: dict[str, Any] = json.loads(ended.stdout)
        return result

    def share_volumes(self) -> None:
        """Lay the lab's common folder where Cinder would mount its NFS export: a container can mount none."""
        mounted = hashlib.md5(VOLUMES.encode()).hexdigest()
        self._share("volumes", f"/var/lib/cinder/mnt/{mounted}", "cinder", self.nodes("controller"))

    def share_instances(self) -> None:
        """Lay the lab's common folder where compute nodes would mount that of instances."""
        self._share("instances", "/var/lib/nova/instances", "nova", self.nodes("compute"))

    def _share(self, folder: str, place: str, owner: str, hosts: list[str]) -> None:
        unit = place.strip("/").replace("/", "-") + ".mount"
        source = f"{SHARE}/{folder}"
        text = f"[Mount]\nWhat={source}\nWhere={place}\nOptions=bind\n[Install]\nWantedBy=multi-user.target\n"
        for name in hosts:
            node = self.node(name)
            node.run(["install", "--directory", f"--owner={owner}", f"--group={owner}", source, place])
            node.put(text.encode(), f"/etc/systemd/system/{unit}")
            node.run(["systemctl", "daemon-reload"])
            node.run(["systemctl", "enable", "--now", unit])

    def change(self, **settings: str) -> None:
        """Change settings of the topology."""
        said = self.said
        said["settings"] |= settings
        self.topology.write_text(yaml.safe_dump(said, sort_keys=False))

    def openstack(self, line: str, *, by: str = "controller02", stdin: bytes = b"") -> str:
        """Run the stock client on a node, as the administrator, through the virtual address."""
        env = {
            "OS_AUTH_URL": f"http://{self.vip}:5000/v3",
            "OS_USERNAME": "admin",
            "OS_PASSWORD": self.password,
            "OS_PROJECT_NAME": "admin",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": "RegionOne",
            "OS_IDENTITY_API_VERSION": "3",
        }
        words = ["openstack", *shlex.split(line)]
        return self.node(by).run(words, env=env, input=stdin, timeout=300).text.strip()


def needs(cloud: LabCloud, *services: str) -> None:
    """Skip a test, and say why, where somebody chose a cloud without a service."""
    missing = [name for name in services if name not in cloud.services]
    if missing:
        pytest.skip(f"--services or PCS_OS_CLOUD chose a cloud without {' and '.join(missing)}")


def topology_of(lab: str, folder: Path, services: list[str], series: str = "zed", **settings: str) -> Path:
    """Write the topology of a cloud on the nodes of a lab, and return its path."""
    states = json.loads(pcs_os("lab", "status", "--name", lab, "--json").stdout)
    bmc = next(state["address"] for state in states if state["role"] == "bmc")
    nodes = {state["node"]: _node(lab, state, bmc) for state in states if state["role"] != "bmc"}
    subnet = bmc.rpartition(".")[0]
    said = {
        "name": lab,
        "release": series,
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
            "node_action_limit": "2",
            "monitor_interval": "60",
            "database_memory": "128M",
            "cache_memory": "64",
            "compute_driver": "fake.FakeDriver",
            "external_interface": "phy0",
            "external_network": "203.0.113.0/24",
            "external_pool": "203.0.113.100-203.0.113.200",
            "external_gateway": "203.0.113.1",
            # A container may not read what it has no right to, and asks for less.
            "privsep_capabilities": "CAP_SYS_ADMIN,CAP_NET_ADMIN,CAP_DAC_OVERRIDE,CAP_SYS_PTRACE,"
            "CAP_CHOWN,CAP_FOWNER",
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
