"""Applies while a cluster is in trouble: lost nodes are named, and only joined nodes tell the result."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apply_site import Site, document_on, dummy
from lab_handle import LabHandle, pcs_os

pytestmark = pytest.mark.cluster


@pytest.fixture
def site(lab: LabHandle, tmp_path: Path) -> Iterator[Site]:
    yield from document_on(lab, tmp_path)


def slow(**more: Any) -> dict[str, Any]:
    """Return a resource that starts within 12 s."""
    operations = {name: {"timeout": "60s"} for name in ("start", "stop")}
    return {"agent": "ocf:pacemaker:Dummy", "params": {"op_sleep": "12"}, "operations": operations, **more}


def apply_during(site: Site, fault: str, node: str) -> str:
    """Apply a slow resource, and inject a fault into a node while the apply waits; return the output."""
    site.write(
        {
            "name": "site",
            "resources": {"here": dummy(), "slow": slow()},
            "location": [f"here on {node} (INFINITY)", "slow on controller03 (INFINITY)"],
        }
    )
    command = [sys.executable, "-m", "pacemaker_os", "apply", "--yes", *site.where, str(site.document)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if "start slow" in line:
                # The other resources have started.
                time.sleep(3)
                pcs_os("lab", "fault", fault, node, "--name", site.lab.name)
                break
        seen += process.stdout
    site.lab.wait_online()
    assert process.returncode == 0, "".join(seen)
    return "".join(seen)


def test_node_that_is_lost_during_the_wait_is_named(site: Site) -> None:
    output = apply_during(site, "kill", "controller02")
    assert "node controller02 left the cluster during the wait, and is " in output
    assert "here" in output.partition("controller02 left the cluster")[2]


def test_result_is_that_of_the_cluster_if_the_connected_node_freezes(site: Site) -> None:
    """The node is fenced. Until it has joined again, its own CIB shows no cluster."""
    output = apply_during(site, "pause", "controller01")
    assert "node controller01 left the cluster during the wait, and is " in output
    assert "Done: 4 added" in output


def test_apply_in_maintenance_mode_tells_that_nothing_starts(site: Site) -> None:
    controller = site.lab.node("controller01")
    try:
        controller.run(["crm_attribute", "--name", "maintenance-mode", "--update", "true"])
        site.write({"name": "site", "resources": {"here": dummy()}})
        found = site.apply()
        assert any("maintenance mode: Pacemaker starts" in text for text in found["conditions"])
    finally:
        controller.run(["crm_attribute", "--name", "maintenance-mode", "--delete"])


def test_documents_in_turn_keep_their_owners(site: Site, tmp_path: Path) -> None:
    """A copy of a document under another name, with --adopt, is not its new owner."""
    site.write({"name": "site", "resources": {"here": dummy(), "there": dummy()}})
    site.apply()
    copy = Site(site.lab, tmp_path, "copy")
    copy.write({"name": "copy", "resources": {"here": dummy(), "there": dummy()}})
    epoch = site.epoch()
    assert copy.apply("--adopt")["outcome"] == "no-changes"
    assert site.epoch() == epoch
    copy.apply("--take-over")
    assert site.plan()["owned_elsewhere"] == {"copy": ["primitive:here", "primitive:there"]}
    pcs_os("rollback", "--yes", *site.where)
    assert site.plan()["owned_elsewhere"] == {}
    for name in ("here", "there"):
        site.lab.node("controller01").run(["pcs", "resource", "delete", name])
    pcs_os("forget", "--yes", *site.where, "site")
    assert "pcs-os-owner.site" not in str(site.query(["cibadmin", "--query"]).xpath("//nvpair/@name"))
