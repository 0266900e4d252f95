"""A cloud in a lab."""

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

#: Default of the setting `volume_nfs_export`.
VOLUMES = SETTINGS["volume_nfs_export"].default

#: Timeout of a deployment, in seconds.
DEPLOY_TIMEOUT = 3600


def pcs_os(*args: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    """Run pcs-os."""
    argv = [sys.executable, "-m", "pacemaker_os", *args]
    completed = subprocess.run(argv, capture_output=True, text=True, timeout=DEPLOY_TIMEOUT)
    output = f"{completed.stdout}\n{completed.stderr}"
    assert completed.returncode in ok, f"{' '.join(args)}: {completed.returncode}\n{output}"
    return completed


@dataclass(frozen=True)
class LabCloud:
    """A cloud in the lab with its name; `topology` is its topology file."""

    topology: Path

    @property
    def lab(self) -> str:
        return str(self.content["name"])

    @property
    def content(self) -> dict[str, Any]:
        """The content of the topology."""
        content: dict[str, Any] = yaml.safe_load(self.topology.read_text())
        return content

    @property
    def vip(self) -> str:
        return str(self.content["vips"]["default"])

    @property
    def password(self) -> str:
        """The generated password of the administrator."""
        secrets = yaml.safe_load(self.topology.with_name(f"{self.topology.stem}.secrets.yaml").read_text())
        return str(secrets["admin"])

    @property
    def document(self) -> Path:
        """The cluster document that the deployment wrote."""
        return self.topology.with_suffix(".cib.yaml")

    def node(self, name: str) -> ContainerTransport:
        """Return the transport to a node."""
        return ContainerTransport(f"{self.lab}-{name}")

    @property
    def services(self) -> set[str]:
        """The names of all services, including dependencies."""
        return {service.name for service in ordered(self.content["services"])}

    def nodes(self, role: str) -> list[str]:
        """Return the names of the nodes with a role."""
        return [name for name, node in self.content["nodes"].items() if role in node["roles"]]

    def deploy(self, *options: str) -> dict[str, Any]:
        """Deploy the cloud, and return the changes and the duration."""
        completed = pcs_os("deploy", *options, "--json", str(self.topology))
        result: dict[str, Any] = json.loads(completed.stdout)
        return result

    def share_volumes(self) -> None:
        """Mount the shared directory of the lab in place of the NFS export of volumes."""
        mounted = hashlib.md5(VOLUMES.encode()).hexdigest()
        self._share("volumes", f"/var/lib/cinder/mnt/{mounted}", "cinder", self.nodes("controller"))

    def share_instances(self) -> None:
        """Mount the shared directory of the lab in place of the NFS export of instances."""
        self._share("instances", "/var/lib/nova/instances", "nova", self.nodes("compute"))

    def _share(self, directory: str, path: str, owner: str, hosts: list[str]) -> None:
        unit = path.strip("/").replace("/", "-") + ".mount"
        source = f"{SHARE}/{directory}"
        text = f"[Mount]\nWhat={source}\nWhere={path}\nOptions=bind\n[Install]\nWantedBy=multi-user.target\n"
        for name in hosts:
            node = self.node(name)
            node.run(["install", "--directory", f"--owner={owner}", f"--group={owner}", source, path])
            node.put(text.encode(), f"/etc/systemd/system/{unit}")
            node.run(["systemctl", "daemon-reload"])
            node.run(["systemctl", "enable", "--now", unit])

    def change(self, **settings: str) -> None:
        """Change settings of the topology."""
        content = self.content
        content["settings"] |= settings
        self.topology.write_text(yaml.safe_dump(content, sort_keys=False))

    def openstack(self, line: str, *, by: str = "controller02", stdin: bytes = b"") -> str:
        """Run the OpenStack client on a node, as the administrator, through the virtual IP address."""
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
        argv = ["openstack", *shlex.split(line)]
        return self.node(by).run(argv, env=env, input=stdin, timeout=300).text.strip()


def needs(cloud: LabCloud, *services: str) -> None:
    """Skip a test if the selected cloud lacks one of its services."""
    missing = [name for name in services if name not in cloud.services]
    if missing:
        pytest.skip(f"--services or PCS_OS_CLOUD selected a cloud without {' and '.join(missing)}")


def topology_of(lab: str, directory: Path, services: list[str], series: str = "zed", **settings: str) -> Path:
    """Write the topology of a cloud on the nodes of a lab; return its path."""
    states = json.loads(pcs_os("lab", "status", "--name", lab, "--json").stdout)
    bmc = next(state["address"] for state in states if state["role"] == "bmc")
    nodes = {state["node"]: _node(lab, state, bmc) for state in states if state["role"] != "bmc"}
    subnet = bmc.rpartition(".")[0]
    content = {
        "name": lab,
        "release": series,
        # Nodes of a lab are fenced within seconds.
        "token": 1000,
        "pmtud_interval": 2,
        "network": f"{subnet}.0/24",
        "nodes": nodes,
        "vips": {"default": f"{subnet}.10"},
        "services": services,
        "settings": {
            "workers": "1",
            # All nodes share the cores of one machine.
            "node_action_limit": "2",
            "monitor_interval": "60",
            "database_memory": "128M",
            "cache_memory": "64",
            "compute_driver": "fake.FakeDriver",
            "external_interface": "phy0",
            "external_network": "203.0.113.0/24",
            "external_pool": "203.0.113.100-203.0.113.200",
            "external_gateway": "203.0.113.1",
            # The default contains capabilities that the container lacks.
            "privsep_capabilities": "CAP_SYS_ADMIN,CAP_NET_ADMIN,CAP_DAC_OVERRIDE,CAP_SYS_PTRACE,"
            "CAP_CHOWN,CAP_FOWNER",
            **settings,
        },
    }
    path = directory / "cloud.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
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
