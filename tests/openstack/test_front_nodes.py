"""Two front nodes with keepalived and haproxy before three controllers, TLS at the virtual address.

The smallest cloud that has a login: what is tested is the way to it. It has a lab of its own.
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
from nova_asked import until
from outage import Visitor, answers

pytestmark = pytest.mark.cluster

NAME = "osfront"
FRONTS = ("controller04", "controller05")
PEM, CA = "/etc/haproxy/cloud.pem", "/etc/ssl/certs/cloud-ca.crt"

#: The longest that clients may wait when a front node dies, and when its haproxy ends, in seconds.
KILLED, ENDED = 8.0, 8.0

#: Until a node that was switched on serves, in seconds.
BACK = 120.0


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """The cloud; the lab's fourth and fifth nodes stand before the three others."""
    folder = tmp_path_factory.mktemp("front")
    pcs_os("lab", "down", "--name", NAME)
    try:
        shape = ["--release", "bookworm", "--image", "openstack", "--nodes", "5", "--remotes", "0"]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        settings = {"tls": "yes", "tls_pem": PEM, "tls_ca": CA}
        cloud = LabCloud(topology_of(NAME, folder, ["keepalived", "horizon"], **settings))
        said = cloud.said
        for name in FRONTS:
            said["nodes"][name]["roles"] = ["front"]
            del said["nodes"][name]["fencing"]
        cloud.topology.write_text(yaml.safe_dump(said, sort_keys=False))
        refused = pcs_os("deploy", str(cloud.topology), ok=(1,)).stderr
        assert refused.count(f"{CA}: The authority of that certificate") == 5
        assert refused.count(f"{PEM}: Certificate and key") == 2
        lay_certificate(cloud, folder)
        result = cloud.deploy()
        print(f"\ndeployed in {result['seconds']:.0f} s")
        yield cloud
    finally:
        pcs_os("lab", "down", "--name", NAME)


def lay_certificate(cloud: LabCloud, folder: Path) -> None:
    """Make an authority and the virtual address's certificate, and lay both where they belong."""
    key, authority, request, signed = (folder / name for name in ("key", "ca.crt", "request", "crt"))
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    own = ["-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", str(folder / "ca.key")]
    subprocess.run([*new, *own, "-out", str(authority)], check=True, capture_output=True)
    subprocess.run(
        [*new, "-subj", f"/CN={cloud.vip}", "-keyout", str(key), "-out", str(request)],
        check=True,
        capture_output=True,
    )
    (folder / "ext").write_text(f"subjectAltName=IP:{cloud.vip}\n")
    by = ["-CA", str(authority), "-CAkey", str(folder / "ca.key"), "-CAcreateserial", "-days", "2"]
    subprocess.run(
        ["openssl", "x509", "-req", "-in", request, *by, "-extfile", folder / "ext", "-out", signed],
        check=True,
        capture_output=True,
    )
    for name in cloud.said["nodes"]:
        cloud.node(name).put(authority.read_bytes(), CA)
    for name in FRONTS:
        cloud.node(name).put(signed.read_bytes() + key.read_bytes(), PEM, mode=0o600)


@dataclass
class Passer(Visitor):
    """Asks for Keystone's versions over TLS."""

    address: str
    trust: ssl.SSLContext
    pace: float = field(default=0.1, kw_only=True)

    def ask(self) -> bool:
        connection = http.client.HTTPSConnection(self.address, 5000, timeout=2, context=self.trust)
        return answers(connection, "/v3", {})


def passer(cloud: LabCloud) -> Passer:
    """One who trusts the cloud's authority."""
    return Passer(cloud.vip, ssl.create_default_context(cafile=str(cloud.topology.with_name("ca.crt"))))


def holders(cloud: LabCloud, among: tuple[str, ...] = FRONTS) -> list[str]:
    """The front nodes that have the virtual address."""
    line = ["ip", "-o", "-4", "address", "show", "to", f"{cloud.vip}/32"]
    return [name for name in among if cloud.node(name).run(line).text]


def wait_for_holder(cloud: LabCloud, wanted: str, among: tuple[str, ...] = FRONTS) -> None:
    until(lambda: holders(cloud, among) == [wanted], BACK, every=0.2)


def other(name: str) -> str:
    return next(front for front in FRONTS if front != name)


def test_every_service_answers_over_tls(fronted: LabCloud) -> None:
    print(pcs_os("deploy", "--verify", str(fronted.topology)).stdout)
    assert passer(fronted).ask()
    assert not Passer(fronted.vip, ssl.create_default_context()).ask()


def test_the_dashboard_sends_whoever_asks_without_tls_to_where_it_is(fronted: LabCloud) -> None:
    with closing(http.client.HTTPConnection(fronted.vip, 80, timeout=10)) as connection:
        connection.request("GET", "/horizon/auth/login/")
        answer = connection.getresponse()
        answer.read()
    assert (answer.status, answer.headers["Location"]) == (302, f"https://{fronted.vip}/horizon/auth/login/")


def test_a_second_deployment_changes_nothing(fronted: LabCloud) -> None:
    assert fronted.deploy()["changed"] == []


def test_the_address_is_at_one_front_node_and_no_controller_has_a_load_balancer(fronted: LabCloud) -> None:
    assert len(holders(fronted)) == 1
    for name in fronted.nodes("controller"):
        assert fronted.node(name).run(["pgrep", "-x", "haproxy"], ok=(1,)).status == 1
    for name in FRONTS:
        said = fronted.node(name).run(["systemctl", "is-enabled", "haproxy", "keepalived"]).text
        assert said.split() == ["enabled", "enabled"]


def test_a_load_balancer_that_ends_gives_the_address_away(fronted: LabCloud) -> None:
    (holder,) = holders(fronted)
    with passer(fronted) as visitor:
        fronted.node(holder).run(["systemctl", "stop", "haproxy"])
        wait_for_holder(fronted, other(holder))
        fronted.node(holder).run(["systemctl", "start", "haproxy"])
        until(visitor.ask, BACK, every=0.2)
    print(f"\nhaproxy of {holder} ended: {visitor.gap:.1f} s")
    assert visitor.gap < ENDED


def test_a_front_node_dies_and_comes_back(fronted: LabCloud) -> None:
    (holder,) = holders(fronted)
    rest = (other(holder),)
    with passer(fronted) as visitor:
        pcs_os("lab", "fault", "kill", "--name", NAME, holder)
        wait_for_holder(fronted, other(holder), rest)
        until(visitor.ask, BACK, every=0.2)
        pcs_os("lab", "fault", "heal", "--name", NAME, holder)
        until(lambda: serves(fronted, holder), BACK, every=0.2)
        until(visitor.ask, BACK, every=0.2)
    print(f"\n{holder} killed, until it was back: {visitor.gap:.1f} s")
    assert visitor.gap < KILLED
    # The one that has the address keeps it: a second move would be for nothing.
    assert holders(fronted) == [other(holder)]


def serves(cloud: LabCloud, name: str) -> bool:
    units = ["systemctl", "is-active", "--quiet", "haproxy", "keepalived"]
    return cloud.node(name).run(units, ok=range(256)).status == 0
