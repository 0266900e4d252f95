"""The shape of a lab: nodes, labels and options."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest

from pacemaker_os.errors import LabError
from pacemaker_os.lab.network import free_subnet
from pacemaker_os.lab.shape import LABEL_LAB, LABEL_SHAPE, Lab, LabSpec, decide

SUBNET = IPv4Network("172.31.250.0/24")


def make_lab(**changes: Any) -> Lab:
    return Lab(
        **{"name": "t", "release": "trixie", "subnet": SUBNET, "controllers": 3, "remotes": 2, **changes}
    )


def test_lab_nodes_have_names_addresses_and_roles() -> None:
    assert [(node.container, node.address, node.role) for node in make_lab(controllers=2).nodes] == [
        ("t-controller01", "172.31.250.11", "node"),
        ("t-controller02", "172.31.250.12", "node"),
        ("t-compute01", "172.31.250.51", "remote"),
        ("t-compute02", "172.31.250.52", "remote"),
    ]


def test_largest_lab_has_unique_addresses() -> None:
    lab = make_lab(controllers=40, remotes=40)
    assert len({node.address for node in (*lab.nodes, lab.bmc)}) == 81


def test_decide_new_lab_uses_defaults() -> None:
    lab = decide(LabSpec(name="t"), None, SUBNET)
    assert (lab.release, lab.controllers, lab.remotes) == ("trixie", 3, 0)


def test_decide_existing_lab_keeps_its_shape() -> None:
    existing = make_lab(release="bookworm", controllers=5)
    labels = existing.labels(existing.nodes[0])
    assert (labels[LABEL_LAB], labels[LABEL_SHAPE]) == ("t", "5+2")
    assert decide(LabSpec(name="t"), labels, SUBNET) == existing
    assert decide(LabSpec(name="t", controllers=5), labels, SUBNET) == existing


@pytest.mark.parametrize(
    "different", [{"controllers": 4}, {"remotes": 0}, {"release": "trixie"}, {"image": "services"}]
)
def test_decide_rejects_options_that_differ_from_existing_lab(different: dict[str, Any]) -> None:
    existing = make_lab(release="bookworm")
    with pytest.raises(LabError, match="lab down --name t"):
        decide(LabSpec(name="t", **different), existing.labels(existing.nodes[0]), SUBNET)


@pytest.mark.parametrize(
    "spec",
    [
        LabSpec(name=""),
        LabSpec(name="A"),
        LabSpec(name="-x"),
        LabSpec(name="a b"),
        LabSpec(name="sixteen-letters-"),
        LabSpec(name="t", release="potato"),
        LabSpec(name="t", image="potato"),
        LabSpec(name="t", controllers=0),
        LabSpec(name="t", controllers=41),
        LabSpec(name="t", remotes=-1),
    ],
)
def test_decide_rejects_invalid_options(spec: LabSpec) -> None:
    with pytest.raises(LabError):
        decide(spec, None, SUBNET)


def test_free_subnet_skips_used_subnets() -> None:
    assert str(free_subnet([])) == "172.31.250.0/24"
    assert str(free_subnet([SUBNET, IPv4Network("10.0.0.0/8")])) == "172.31.249.0/24"
    assert str(free_subnet([IPv4Network("172.31.248.0/22")])) == "172.31.247.0/24"
    with pytest.raises(LabError, match="delete a lab first"):
        free_subnet([IPv4Network("172.16.0.0/12")])
