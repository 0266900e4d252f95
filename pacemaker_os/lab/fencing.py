"""Fencing in a lab: real, by the stock agent fence_redfish, through power switches that the lab brings.

The switches (containers/node/files/usr/local/libexec/lab-bmc) hold Docker's socket; the nodes hold a
password and the switches' certificate. The CIB holds neither.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from lxml import etree

from pacemaker_os.cluster.setup.facts import at_once
from pacemaker_os.errors import LabError, NotSettled
from pacemaker_os.lab.nodes import create_bmc
from pacemaker_os.lab.shape import Lab, LabNode
from pacemaker_os.secret import Secret
from pacemaker_os.transport.container import ContainerTransport

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_CERTIFICATE = "/etc/bmc/certificate.pem"
_TRUSTED = "/usr/local/share/ca-certificates/lab-bmc.crt"

#: Prints the password of the switches; fence agents call it for password_script.
PASSWORD_SCRIPT = "/etc/pacemaker/bmc-password"  # noqa: S105 (a path)

#: Waits for the file $1, which the switches make when they start.
_WAIT = 'for n in $(seq 100); do test -e "$1" && exec cat "$1"; sleep 0.1; done; exit 1'


def ensure_switches(client: DockerClient, lab: Lab, image: str, container: Container | None) -> Container:
    """Return the container of the power switches, made with a new password if there is none."""
    if container is not None:
        return container
    return create_bmc(client, lab, image, Secret(secrets.token_urlsafe(24)))


def trust_switches(lab: Lab) -> None:
    """Give every cluster node the password of the switches and let it trust their certificate."""
    switches = ContainerTransport(lab.bmc.container)
    certificate = switches.run(["sh", "-c", _WAIT, "sh", _CERTIFICATE], ok=(0, 1)).stdout
    if not certificate:
        raise LabError(f"the power switches do not start; look at `docker logs {lab.bmc.container}`")
    password = switches.get("/etc/bmc/password").decode()
    script = Secret(f"#!/bin/sh\necho {password}\n")

    def trust(node: LabNode) -> None:
        transport = ContainerTransport(node.container)
        if transport.run(["cat", _TRUSTED], ok=()).stdout == certificate:
            return
        transport.put(script, PASSWORD_SCRIPT, mode=0o700)
        transport.put(certificate, _TRUSTED)
        transport.run(["update-ca-certificates"])

    at_once(trust, lab.cluster_nodes)


def write_fencing(lab: Lab) -> None:
    """Turn fencing on, with one device for each node; make the remote nodes known."""
    first = ContainerTransport(lab.cluster_nodes[0].container)
    resources = etree.Element("resources")
    resources.extend(_device(lab, node) for node in lab.nodes)
    resources.extend(_remote(node) for node in lab.remote_nodes)
    for section, element in (("resources", resources), ("crm_config", _properties())):
        first.run(
            ["cibadmin", "--modify", "--allow-create", "--scope", section, "--xml-pipe"],
            input=etree.tostring(element),
        )


def wait_fencing(lab: Lab, timeout: float = 60.0) -> None:
    """Wait until every device is started, and every remote node online. Raises NotSettled."""
    first = ContainerTransport(lab.cluster_nodes[0].container)
    wanted = {f"fence-{node.name}" for node in lab.nodes} | {node.name for node in lab.remote_nodes}
    deadline = time.monotonic() + timeout
    while missing := wanted - _started(first):
        if time.monotonic() > deadline:
            raise NotSettled(f"after {timeout:g} s these are not started: {', '.join(sorted(missing))}")
        time.sleep(0.2)


def _started(transport: ContainerTransport) -> set[str]:
    status = etree.fromstring(transport.run(["crm_mon", "-1", "--output-as=xml"]).stdout)
    active = status.iterfind(".//resource[@active='true'][@role='Started']")
    return {str(resource.get("id")) for resource in active}


def _device(lab: Lab, node: LabNode) -> etree._Element:
    params = {
        "ip": lab.bmc.address,
        "username": "fence",
        "password_script": PASSWORD_SCRIPT,
        "systems_uri": f"/redfish/v1/Systems/{node.name}",
        "ssl_secure": "1",
        "pcmk_host_list": node.name,
    }
    return _primitive(f"fence-{node.name}", {"class": "stonith", "type": "fence_redfish"}, params, "60s")


def _remote(node: LabNode) -> etree._Element:
    agent = {"class": "ocf", "provider": "pacemaker", "type": "remote"}
    # A fenced remote node is back in seconds; by default it would be asked again after 60 s.
    return _primitive(node.name, agent, {"server": node.address, "reconnect_interval": "5s"}, "10s")


def _primitive(name: str, agent: dict[str, str], params: dict[str, str], interval: str) -> etree._Element:
    primitive = etree.Element("primitive", id=name, attrib=agent)
    attributes = etree.SubElement(primitive, "instance_attributes", id=f"{name}-instance_attributes")
    for key, value in params.items():
        etree.SubElement(attributes, "nvpair", id=f"{name}-instance_attributes-{key}", name=key, value=value)
    operations = etree.SubElement(primitive, "operations")
    etree.SubElement(
        operations, "op", id=f"{name}-monitor-interval-{interval}", name="monitor", interval=interval
    )
    return primitive


def _properties() -> etree._Element:
    crm_config = etree.Element("crm_config")
    properties = etree.SubElement(crm_config, "cluster_property_set", id="cib-bootstrap-options")
    # A lab that lost its power shall elect a DC sooner than after the usual 20 s.
    for key, value in {"stonith-enabled": "true", "dc-deadtime": "5s"}.items():
        etree.SubElement(properties, "nvpair", id=f"cib-bootstrap-options-{key}", name=key, value=value)
    return crm_config
