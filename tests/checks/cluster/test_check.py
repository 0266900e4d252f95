"""check --survive: documents that pass, and counterexamples in modified copies."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None,
    reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
)

GOOD = """
nodes:
  n[1-3]: {rack: left}
resources:
  fence:
    agent: stonith:fence_ipmilan
    params: {ip: 10.0.0.9}
  db:
    agent: ocf:pacemaker:Stateful
    promotable: {promoted-max: 1}
  web:
    agent: ocf:pacemaker:Dummy
  lb:
    agent: ocf:pacemaker:Dummy
    clone: {interleave: true}
order:
  - lb then web
colocation:
  - web with lb
"""

#: Another resource, for an order.
ONLY = "  only:\n    agent: ocf:pacemaker:Dummy\n"

#: Modified copies, and the (service, disruption, part of the reason) that must be found.
BROKEN = {
    "a resource pinned to one node": (
        GOOD + "location: ['web on n1 (INFINITY)', 'web avoids n2', 'web avoids n3']\n",
        ("web", "does not run", "location-web-n1-INFINITY"),
    ),
    "a clone that may only be on one node, and what runs with it": (
        GOOD + "location: ['lb avoids n2', 'lb avoids n3']\n",
        ("web", "does not run", "depends on lb-clone, which does not run"),
    ),
    "an order on something pinned": (
        GOOD.replace("  - lb then web\n", "  - only then web\n").replace("  lb:\n", f"{ONLY}  lb:\n")
        + "location: ['only avoids n2', 'only avoids n3']\n",
        ("web", "does not run", "depends on only, which does not run (order-only-web"),
    ),
    "quorum of two of two": (GOOD.replace("n[1-3]", "n[1-2]"), ("web", "does not run", "1 of 2 votes")),
    "fencing of one node only": (
        GOOD.replace("{ip: 10.0.0.9}", "{ip: 10.0.0.9, pcmk_host_list: n1}"),
        ("n2", "cannot be fenced", "no fencing device"),
    ),
    "a promoted role that may only be in one place": (
        GOOD + "location: [{resource: db, role: Promoted, node: n2, score: -INFINITY}, "
        "{resource: db, role: Promoted, node: n3, score: -INFINITY}]\n",
        ("db", "has no promoted instance", "location-db"),
    ),
}

SHIPPED = Path(__file__).parents[3] / "cib"

#: Shipped documents, with their first controller, their other controllers, and one resource.
DOCUMENTS = {
    "openstack-train": ("controller01", ("controller02", "controller03"), "vip"),
    "openstack-kilo-pacemaker": ("controller1-vm", ("controller2-vm", "controller3-vm"), "vip-db"),
    "osp-reference": ("controller1", ("controller2", "controller3"), "vip-db"),
}

#: Number of cases with one failed node: controllers and compute nodes, which are remote nodes.
FAILURES = {"openstack-train": 3, "openstack-kilo-pacemaker": 5, "osp-reference": 5}

#: Compute nodes as remotes, with what runs on them.
COMPUTES = """
nodes:
  n[1-3]: {role: control}
  c[1-%s]: {attributes: {role: compute}, type: remote}
resources:
  fence: {agent: "stonith:fence_ipmilan", params: {ip: 10.0.0.9}}
%s
  nova:
    agent: ocf:pacemaker:Dummy
    clone: {interleave: true}
location:
  - {resources: [nova], where: role eq compute, discovery: exclusive}
"""


def computes(count: int, more: str = "") -> str:
    remotes = "".join(
        f'  c{n}: {{agent: "ocf:pacemaker:remote", params: {{server: 10.0.1.{n}}}}}\n'
        for n in range(1, count + 1)
    )
    return COMPUTES % (count, remotes) + more


def check(directory: Path, text: str, *args: str, status: int) -> dict[str, Any]:
    (directory / "site.cib.yaml").write_text(text)
    where = ["--cib-file", str(directory / "cib.xml")]
    done = subprocess.run(
        [sys.executable, "-m", "pacemaker_os", "check", "--json", *where, *args, "site.cib.yaml"],
        capture_output=True,
        text=True,
        cwd=directory,
    )
    assert done.returncode == status, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def disruptions(found: dict[str, Any]) -> list[dict[str, str]]:
    return [disruption for outcome in found["outcomes"] for disruption in outcome["disruptions"]]


def test_good_document_passes(tmp_path: Path) -> None:
    found = check(tmp_path, GOOD, status=0)
    assert (found["passed"], found["cases"], found["not_running"]) == (True, 3, [])
    assert not (tmp_path / "cib.xml").exists()


@pytest.mark.parametrize("name", BROKEN)
def test_counterexample_is_found(tmp_path: Path, name: str) -> None:
    text, (service, what, why) = BROKEN[name]
    found = check(tmp_path, text, status=5)
    assert any(
        (each["service"], each["what"]) == (service, what) and why in each["why"]
        for each in disruptions(found)
    ), disruptions(found)


@pytest.mark.parametrize("method", ["two_node", "ffsplit", "lms"])
def test_two_nodes_survive_if_one_of_them_has_quorum(tmp_path: Path, method: str) -> None:
    found = check(tmp_path, GOOD.replace("n[1-3]", "n[1-2]"), "--quorum", method, status=0)
    assert all(outcome["quorum"] for outcome in found["outcomes"])


def test_service_that_cannot_run_is_reported_with_its_dependents(tmp_path: Path) -> None:
    text = GOOD.replace("  - lb then web\n", "  - only then web\n").replace("  lb:\n", f"{ONLY}  lb:\n")
    nowhere = "location: ['only avoids n1', 'only avoids n2', 'only avoids n3']\n"
    assert check(tmp_path, text + nowhere, status=5)["not_running"] == ["only", "web"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_shipped_document_survives_the_failure_of_any_controller(tmp_path: Path, name: str) -> None:
    found = check(tmp_path, "{}", str(SHIPPED / f"{name}.cib.yaml"), status=0)
    assert (found["passed"], found["cases"]) == (True, FAILURES[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_counterexamples_in_shipped_documents_are_found(tmp_path: Path, name: str) -> None:
    first, others, resource = DOCUMENTS[name]
    document = str(SHIPPED / f"{name}.cib.yaml")
    lines = [f"{resource} avoids {other}" for other in others]
    found = check(tmp_path, f"location: {json.dumps(lines)}", document, status=5)
    failed = next(outcome for outcome in found["outcomes"] if outcome["disruptions"])
    assert failed["nodes"] == [first]
    assert any(
        each["service"] == resource and "no other node is allowed" in each["why"]
        for each in failed["disruptions"]
    )
    ghost = "resources: {ghost: {agent: 'ocf:pacemaker:Dummy'}}\norder: ['ghost then " + resource + "']\n"
    nowhere = json.dumps([f"ghost avoids {node}" for node in (first, *others)])
    found = check(tmp_path, f"{ghost}location: {nowhere}", document, status=5)
    assert {"ghost", resource} <= set(found["not_running"])


def test_equivalent_failures_are_simulated_once(tmp_path: Path) -> None:
    text = (
        GOOD.split("  db:")[0].replace("n[1-3]", "n[1-9]") + GOOD[GOOD.index("  lb:") : GOOD.index("order:")]
    )
    found = check(tmp_path, text, "--survive", "2", status=0)
    assert found["cases"] == 36
    assert len(found["outcomes"]) <= 3


def test_failure_of_all_nodes_cannot_be_simulated(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD, "--survive", "3", status=1)["error"] == "too-many-failures"


def test_remote_nodes_fail_as_well_and_equivalent_ones_once(tmp_path: Path) -> None:
    found = check(tmp_path, computes(40), status=0)
    assert (found["passed"], found["cases"], len(found["outcomes"])) == (True, 43, 4)
    (alike,) = found["equivalent_nodes"]
    assert alike["representatives"] == ["c1", "c2"]
    assert len(alike["others"]) == 38


def test_service_on_the_only_compute_node_does_not_survive(tmp_path: Path) -> None:
    found = check(tmp_path, computes(1), status=5)
    (failed,) = (outcome for outcome in found["outcomes"] if outcome["disruptions"])
    assert failed["nodes"] == ["c1"]
    assert [(each["service"], each["what"]) for each in failed["disruptions"]] == [("nova", "does not run")]


def test_service_pinned_to_a_compute_node_does_not_survive(tmp_path: Path) -> None:
    only = '  only: {agent: "ocf:pacemaker:Dummy"}\n  nova:'
    pinned = "  - {resource: only, where: '#uname eq c2', discovery: exclusive}\n"
    found = check(tmp_path, computes(9).replace("  nova:", only, 1) + pinned, status=5)
    failed = [outcome["nodes"] for outcome in found["outcomes"] if outcome["disruptions"]]
    assert failed == [["c2"]]
    assert disruptions(found)[0]["service"] == "only"


def test_compute_node_without_a_fencing_device_is_reported(tmp_path: Path) -> None:
    some = computes(4).replace("10.0.0.9}", "10.0.0.9, pcmk_host_list: 'n1 n2 n3 c1 c2 c3'}")
    found = check(tmp_path, some, status=5)
    assert [(each["service"], each["what"]) for each in disruptions(found)] == [("c4", "cannot be fenced")]


def test_two_failed_nodes_can_be_a_controller_and_a_compute_node(tmp_path: Path) -> None:
    found = check(tmp_path, computes(2), "--survive", "2", status=5)
    failed = {tuple(outcome["nodes"]): outcome["disruptions"] for outcome in found["outcomes"]}
    assert any({"c1", "c2"} == set(nodes) and disruptions for nodes, disruptions in failed.items())
    assert any(
        len({"c1", "c2"} & set(nodes)) == 1 and not disruptions for nodes, disruptions in failed.items()
    )


def test_guest_nodes_of_a_bundle_are_not_failed_separately(tmp_path: Path) -> None:
    bundle = """  box:
    bundle:
      podman: {image: "x:1", replicas: 2}
      network: {control-port: 9999, ip-range-start: 10.0.0.50}
    primitive:
      inner: {agent: "ocf:pacemaker:Dummy"}
"""
    text = GOOD.replace("  web:\n", bundle + "  web:\n", 1)
    found = check(tmp_path, text, status=0)
    assert found["cases"] == 3
