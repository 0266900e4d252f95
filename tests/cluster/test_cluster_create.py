"""Create a cluster on bare nodes, and change its membership, as a user does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_handle import LabHandle, pcs_os

pytestmark = pytest.mark.cluster


@pytest.fixture
def bare(own_lab: Callable[..., LabHandle]) -> Iterator[LabHandle]:
    yield own_lab("bare", "--bare", "--nodes", "3")


def topology(lab: LabHandle, path: Path, nodes: int) -> str:
    """Write a topology of the first `nodes` nodes of a lab."""
    lines = ["name: ha", "token: 1000", "nodes:"]
    for state in [state for state in lab.states() if state["role"] == "node"][:nodes]:
        container = f"{lab.name}-{state['node']}"
        lines.append(f"  {state['node']}: {{address: {state['address']}, container: {container}}}")
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def run(command: str, *args: str) -> list[str]:
    """Run a command and return the nodes that it changed."""
    result = json.loads(pcs_os("cluster", command, *args, "--json").stdout)
    assert result["changed"] == bool(result["nodes"])
    nodes: list[str] = result["nodes"]
    return nodes


def test_create_add_remove_and_destroy(bare: LabHandle, tmp_path: Path) -> None:
    two, three = (topology(bare, tmp_path / f"{count}.yaml", count) for count in (2, 3))
    first = bare.node("controller01")
    assert run("create", two) == ["controller01", "controller02"]
    assert bare.online("controller01") == {"controller01", "controller02"}
    assert "pcs-os-first-election" not in first.run(["cibadmin", "--query"]).text

    epoch = first.run(["cibadmin", "--query", "--scope", "configuration"]).stdout
    assert run("create", two) == []
    assert first.run(["cibadmin", "--query", "--scope", "configuration"]).stdout == epoch

    # A stopped node is started again, and the configuration stays.
    first.run(["crm_attribute", "--type", "crm_config", "--name", "maintenance-mode", "--update", "true"])
    bare.node("controller02").run(["systemctl", "stop", "pacemaker", "corosync"])
    assert run("create", two) == ["controller01", "controller02"]
    assert "maintenance-mode" in first.run(["cibadmin", "--query"]).text

    assert run("add-node", three) == ["controller03"]
    assert run("add-node", three) == []
    assert bare.online("controller03") == {"controller01", "controller02", "controller03"}

    result = pcs_os("cluster", "create", two, ok=(1,))
    assert "other-members" in result.stderr

    assert run("remove-node", three, "controller02") == ["controller02"]
    assert bare.online("controller01") == {"controller01", "controller03"}
    assert bare.node("controller02").run(["test", "-e", "/etc/corosync/corosync.conf"], ok=(1,)).status == 1

    result = pcs_os("cluster", "destroy", three, ok=(1, 130))
    assert bare.online("controller01")
    assert run("destroy", three, "--yes") == ["controller01", "controller03"]
    assert run("destroy", three, "--yes") == []
    assert bare.online("controller01") == frozenset()


def test_create_does_not_change_another_cluster(bare: LabHandle, tmp_path: Path) -> None:
    one = topology(bare, tmp_path / "one.yaml", 1)
    run("create", one)
    other = tmp_path / "other.yaml"
    other.write_text(
        Path(topology(bare, tmp_path / "two.yaml", 2)).read_text().replace("name: ha", "name: other")
    )
    result = pcs_os("cluster", "create", str(other), ok=(1,))
    assert "is already a member of cluster 'ha'" in result.stderr
    assert bare.online("controller01") == {"controller01"}


def test_missing_program_is_reported_with_its_package(bare: LabHandle, tmp_path: Path) -> None:
    bare.node("controller01").run(["mv", "/usr/sbin/pcs", "/usr/sbin/pcs-away"])
    result = pcs_os("cluster", "create", topology(bare, tmp_path / "one.yaml", 1), ok=(1,))
    assert "node 'controller01' lacks pcs; install these packages: pcs" in result.stderr


def test_unreachable_node_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("name: ha\nnodes: {a: {address: 192.0.2.1, container: no-such-container}}\n")
    result = pcs_os("cluster", "create", str(path), ok=(1,))
    assert "no-such-container: the container does not exist" in result.stderr
