from __future__ import annotations

from pathlib import Path

import pytest

from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.cluster.setup.topology_file import load_topology, read_topology
from pacemaker_os.errors import InputError

GOOD = """\
name: ha
token: 1000
pmtud_interval: 2
nodes:
  controller01: {address: 192.0.2.11, ssh: root@controller01, roles: [controller, network]}
  controller02: {addresses: ["2001:db8::12"], container: lab-controller02}
  controller03: {address: controller03}
"""


def test_a_topology_is_read() -> None:
    assert read_topology(GOOD, file="t.yaml") == Topology(
        name="ha",
        token=1000,
        pmtud_interval=2,
        nodes=(
            TopologyNode(
                name="controller01",
                addresses=("192.0.2.11",),
                roles=("controller", "network"),
                ssh="root@controller01",
            ),
            TopologyNode(name="controller02", addresses=("2001:db8::12",), container="lab-controller02"),
            TopologyNode(name="controller03", addresses=("controller03",)),
        ),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "t.yaml:1:1: the document is empty"),
        ("- a", "t.yaml:1:1: a document must be a mapping"),
        ("name: ha", "t.yaml:1:1: the topology requires `nodes:`"),
        ("nodes: {a: {address: b}}", "t.yaml:1:1: the topology requires `name:`"),
        ("name: a b\nnodes: {a: {address: b}}", "t.yaml:1:7: invalid cluster name 'a b'"),
        (
            "nam: x\nnodes: {a: {address: b}}",
            "t.yaml:1:1: unknown key 'nam' in the topology; did you mean 'name'?",
        ),
        (
            "name: x\nnodes: {a: {adress: b}}",
            "t.yaml:2:13: unknown key 'adress' in node 'a'; did you mean 'address'",
        ),
        ("name: x\nnodes: {a: {}}", "t.yaml:2:12: node 'a' requires either `address:`"),
        ("name: x\nnodes: {a: b}", "t.yaml:2:12: a node is a mapping"),
        ("name: x\nnodes: {a: {address: b, addresses: [c]}}", "t.yaml:2:12: node 'a' requires either"),
        ("name: x\nnodes: {a: {address: 'b;c'}}", "t.yaml:2:22: 'b;c' is not a valid address"),
        ("name: x\nnodes: {'-a': {address: b}}", "t.yaml:2:9: '-a' is not a valid node name"),
        (
            "name: x\nnodes: {a: {address: b, ssh: c, container: d}}",
            "t.yaml:2:12: `container` and `ssh` of node 'a' are",
        ),
        ("name: x\nnodes: {a: {address: b, ssh: -oX}}", "t.yaml:2:12: '-oX' is not a valid host"),
        (
            "name: x\nnodes: {a: {address: b}, c: {address: b}}",
            "t.yaml:2:9: duplicate address b of node 'a'",
        ),
        (
            "name: x\nnodes: {a: {address: b}, c: {addresses: [d, e]}}",
            "t.yaml:2:26: node 'c' has 2 addresses",
        ),
        (
            "name: x\ntoken: 1s\nnodes: {a: {address: b}}",
            "t.yaml:2:8: token must be a number from 30 to 600000",
        ),
        (
            "name: x\ntoken: 1\nnodes: {a: {address: b}}",
            "t.yaml:2:8: token must be a number from 30 to 600000",
        ),
        ("name: x\nname: y\nnodes: {a: {address: b}}", "t.yaml:2:1: duplicate key 'name' (first defined"),
    ],
)
def test_problem_is_reported_with_its_position(text: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        read_topology(text, file="t.yaml")
    assert any(str(found).startswith(problem) for found in caught.value.problems), str(caught.value)


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(InputError) as caught:
        read_topology("nam: x\ntoken: soon\nnodes: {a: {adress: b}}", file="t.yaml")
    assert len(caught.value.problems) == 5


def test_unreadable_file_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"name: \xfc")
    for name, message in {"none": "file not found", "": "is a directory", "latin": "not UTF-8"}.items():
        with pytest.raises(InputError, match=message):
            load_topology(str(tmp_path / name))
