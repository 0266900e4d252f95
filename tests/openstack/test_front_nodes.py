"""Two front nodes with keepalived and haproxy, and three controllers, with TLS at the virtual IP address.

The cloud is as small as possible, because these tests concern only its front nodes. It has its own lab.
"""

from __future__ import annotations

import http.client
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from lab_cloud import LabCloud, pcs_os, topology_of
from nova_client import until
from outage import Poller, responds

pytestmark = pytest.mark.cluster

NAME = "osfront"
FRONTS = ("controller04", "controller05")
PEM, CA = "/etc/haproxy/cloud.pem", "/etc/ssl/certs/cloud-ca.crt"

#: Maximum gap for clients after a front node failure, and after the end of its haproxy, in seconds.
KILLED, ENDED = 8.0, 8.0

#: Timeout for a node to serve after power-on, in seconds.
BACK = 120.0


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """The cloud; the fourth and fifth nodes of the lab are front nodes."""
    directory = tmp_path_factory.mktemp("front")
    pcs_os("lab", "down", "--name", NAME)
    try:
        shape = ["--release", "bookworm", "--image", "openstack", "--nodes", "5", "--remotes", "0"]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        settings = {"tls": "yes", "tls_pem": PEM, "tls_ca": CA}
        cloud = LabCloud(topology_of(NAME, directory, ["keepalived", "horizon"], **settings))
        content = cloud.content
        for name in FRONTS:
            content["nodes"][name]["roles"] = ["front"]
            del content["nodes"][name]["fencing"]
        cloud.topology.write_text(yaml.safe_dump(content, sort_keys=False))
        rejected = pcs_os("deploy", str(cloud.topology), ok=(1,)).stderr
        assert rejected.count(f"{CA}: The authority of that certificate") == 5
        assert rejected.count(f"{PEM}: Certificate and key") == 2
        install_certificate(cloud, directory)
        result = cloud.deploy()
        print(f"\ndeployed in {result['seconds']:.0f} s")
        yield cloud
    finally:
        pcs_os("lab", "down", "--name", NAME)


def install_certificate(cloud: LabCloud, directory: Path) -> None:
    """Create a CA and a certificate for the virtual IP address, and install both on the nodes."""
    key, authority, request, signed = (directory / name for name in ("key", "ca.crt", "request", "crt"))
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    own = ["-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", str(directory / "ca.key")]
    subprocess.run([*new, *own, "-out", str(authority)], check=True, capture_output=True)
    subprocess.run(
        [*new, "-subj", f"/CN={cloud.vip}", "-keyout", str(key), "-out", str(request)],
        check=True,
        capture_output=True,
    )
    (directory / "ext").write_text(f"subjectAltName=IP:{cloud.vip}\n")
    by = ["-CA", str(authority), "-CAkey", str(directory / "ca.key"), "-CAcreateserial", "-days", "2"]
    subprocess.run(
        ["openssl", "x509", "-req", "-in", request, *by, "-extfile", directory / "ext", "-out", signed],
        check=True,
        capture_output=True,
    )
    for name in cloud.content["nodes"]:
        cloud.node(name).put(authority.read_bytes(), CA)
    for name in FRONTS:
        cloud.node(name).put(signed.read_bytes() + key.read_bytes(), PEM, mode=0o600)


@dataclass
class TlsPoller(Poller):
    """Polls the API versions of Keystone over TLS."""

    address: str
    trust: ssl.SSLContext
    interval: float = field(default=0.1, kw_only=True)

    def request(self) -> bool:
        connection = http.client.HTTPSConnection(self.address, 5000, timeout=2, context=self.trust)
        return responds(connection, "/v3", {})


def tls_poller(cloud: LabCloud) -> TlsPoller:
    """Return a client that trusts the CA of the cloud."""
    return TlsPoller(cloud.vip, ssl.create_default_context(cafile=str(cloud.topology.with_name("ca.crt"))))


def holders(cloud: LabCloud, among: tuple[str, ...] = FRONTS) -> list[str]:
    """Return the front nodes that have the virtual IP address."""
    argv = ["ip", "-o", "-4", "address", "show", "to", f"{cloud.vip}/32"]
    return [name for name in among if cloud.node(name).run(argv).text]


def wait_for_holder(cloud: LabCloud, expected: str, among: tuple[str, ...] = FRONTS) -> None:
    until(lambda: holders(cloud, among) == [expected], BACK, interval=0.2)


def other(name: str) -> str:
    return next(front for front in FRONTS if front != name)


def test_every_service_responds_over_tls(fronted: LabCloud) -> None:
    print(pcs_os("deploy", "--verify", str(fronted.topology)).stdout)
    assert tls_poller(fronted).request()
    assert not TlsPoller(fronted.vip, ssl.create_default_context()).request()


def test_dashboard_redirects_to_tls(fronted: LabCloud) -> None:
    with closing(http.client.HTTPConnection(fronted.vip, 80, timeout=10)) as connection:
        connection.request("GET", "/horizon/auth/login/")
        response = connection.getresponse()
        response.read()
    assert (response.status, response.headers["Location"]) == (
        302,
        f"https://{fronted.vip}/horizon/auth/login/",
    )


def test_second_deployment_changes_nothing(fronted: LabCloud) -> None:
    assert fronted.deploy()["changed"] == []


def test_only_front_nodes_run_load_balancer_and_one_has_the_address(fronted: LabCloud) -> None:
    assert len(holders(fronted)) == 1
    for name in fronted.nodes("controller"):
        assert fronted.node(name).run(["pgrep", "-x", "haproxy"], ok=(1,)).status == 1
    for name in FRONTS:
        states = fronted.node(name).run(["systemctl", "is-enabled", "haproxy", "keepalived"]).text
        assert states.split() == ["enabled", "enabled"]


def test_stopped_load_balancer_releases_the_address(fronted: LabCloud) -> None:
    (holder,) = holders(fronted)
    with tls_poller(fronted) as poller:
        fronted.node(holder).run(["systemctl", "stop", "haproxy"])
        wait_for_holder(fronted, other(holder))
        fronted.node(holder).run(["systemctl", "start", "haproxy"])
        until(poller.request, BACK, interval=0.2)
    print(f"\nhaproxy of {holder} stopped: {poller.gap:.1f} s")
    assert poller.gap < ENDED


def test_front_node_failure_moves_the_address_once(fronted: LabCloud) -> None:
    (holder,) = holders(fronted)
    rest = (other(holder),)
    with tls_poller(fronted) as poller:
        pcs_os("lab", "fault", "kill", "--name", NAME, holder)
        wait_for_holder(fronted, other(holder), rest)
        until(poller.request, BACK, interval=0.2)
        pcs_os("lab", "fault", "heal", "--name", NAME, holder)
        until(lambda: serves(fronted, holder), BACK, interval=0.2)
        until(poller.request, BACK, interval=0.2)
    print(f"\n{holder} killed, until it returned: {poller.gap:.1f} s")
    assert poller.gap < KILLED
    # The address stays where it is; a second move would only add an interruption.
    assert holders(fronted) == [other(holder)]


def serves(cloud: LabCloud, name: str) -> bool:
    units = ["systemctl", "is-active", "--quiet", "haproxy", "keepalived"]
    return cloud.node(name).run(units, ok=range(256)).status == 0
