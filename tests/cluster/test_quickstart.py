"""The shipped quickstart document on a real cluster: apply, repeat, conflict, and node failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lab_handle import LabHandle, pcs_os, wait_until
from lxml import etree

pytestmark = pytest.mark.cluster

DOCUMENT = str(Path(__file__).parents[2] / "cib" / "quickstart.cib.yaml")

#: Maximum time until the virtual IP address responds after its node failed, in seconds.
FAILOVER = 15.0


class Quickstart:
    """The lab with the document applied, and a client in its network."""

    def __init__(self, lab: LabHandle) -> None:
        self.lab = lab
        addresses = {state["node"]: state["address"] for state in lab.states()}
        self.vip = addresses["controller01"].rpartition(".")[0] + ".100"
        self.client = lab.node("bmc")

    def run(self, command: str, *words: str, by: str = "controller01", ok: tuple[int, ...] = (0,)) -> str:
        where = ("--container", f"{self.lab.name}-{by}")
        return pcs_os(command, *where, "--var", f"vip={self.vip}", *words, ok=ok).stdout

    def answer(self) -> str:
        """Return the name of the node that responds at the virtual IP address, or an empty text."""
        line = ["curl", "--silent", "--max-time", "1", f"http://{self.vip}/"]
        return self.client.run(line, ok=()).text.strip()

    def version(self) -> tuple[str | None, str | None]:
        cib = etree.fromstring(self.lab.node("controller01").run(["cibadmin", "--query"]).stdout)
        return cib.get("admin_epoch"), cib.get("epoch")


@pytest.fixture
def quickstart(lab: LabHandle) -> Quickstart:
    made = Quickstart(lab)
    made.run("apply", "--yes", DOCUMENT)
    return made


def test_client_reaches_haproxy_through_the_virtual_ip(quickstart: Quickstart) -> None:
    assert quickstart.answer() in quickstart.lab.nodes


def test_second_apply_writes_nothing(quickstart: Quickstart) -> None:
    before = quickstart.version()
    assert "No changes" in quickstart.run("apply", "--yes", DOCUMENT)
    assert quickstart.version() == before


def test_apply_of_an_export_changes_nothing(quickstart: Quickstart, tmp_path: Path) -> None:
    exported = tmp_path / "quickstart.cib.yaml"
    exported.write_text(exported_text(quickstart))
    target = ("--container", f"{quickstart.lab.name}-controller01")
    plan = json.loads(pcs_os("plan", *target, "--json", "--take-over", str(exported), ok=(0, 2)).stdout)
    changes = [each for each in plan["changes"] if each["kind"] != "ownership"]
    assert changes == []


def exported_text(quickstart: Quickstart) -> str:
    return pcs_os("export", "--container", f"{quickstart.lab.name}-controller02").stdout


@pytest.mark.parametrize(
    "text",
    [
        "resources: {x: {agent: ocf:pacemaker:Dummy, parms: {a: b}}}\n",
        "resources: {x: {agent: ocf:pacemaker:NoSuchAgent}}\n",
        "order: [a then b]\n",
        "\tresources: {}\n",
        "",
    ],
    ids=["unknown key", "unknown agent", "dangling reference", "tab", "empty"],
)
def test_invalid_document_does_not_change_the_cluster(
    quickstart: Quickstart, tmp_path: Path, text: str
) -> None:
    before = quickstart.version()
    bad = tmp_path / "bad.cib.yaml"
    bad.write_text(text)
    words = ("--container", f"{quickstart.lab.name}-controller01", str(bad))
    result = pcs_os("apply", "--yes", *words, ok=(1,))
    assert result.stderr.startswith(f"{bad}:1:")
    assert "Traceback" not in result.stderr
    assert quickstart.version() == before


def test_one_of_two_concurrent_applies_is_rejected_and_no_change_is_lost(
    quickstart: Quickstart, tmp_path: Path
) -> None:
    plans = {node: changed_plan(quickstart, tmp_path, node) for node in ("controller01", "controller02")}

    def push(node: str) -> int:
        words = ("--container", f"{quickstart.lab.name}-{node}", "--yes", "--plan", str(plans[node]))
        return pcs_os("apply", *words, ok=(0, 3)).returncode

    with ThreadPoolExecutor() as pool:
        statuses = dict(zip(plans, pool.map(push, plans), strict=True))
    assert sorted(statuses.values()) == [0, 3]
    winner = next(node for node, status in statuses.items() if status == 0)
    assert written_by(quickstart) == {winner}
    # A new plan of the rejected writer contains the change of the other one; both changes are written.
    loser = next(node for node in plans if node != winner)
    document = tmp_path / f"{loser}.cib.yaml"
    pcs_os("apply", "--container", f"{quickstart.lab.name}-{loser}", "--yes", str(document))
    assert written_by(quickstart) == set(plans)


def changed_plan(quickstart: Quickstart, directory: Path, node: str) -> Path:
    """Save a plan that sets one node attribute, which is named after its writer."""
    document, plan = directory / f"{node}.cib.yaml", directory / f"{node}.json"
    document.write_text(f"name: writer-{node}\nnodes:\n  {node}: {{written: 'yes'}}\n")
    where = ("--container", f"{quickstart.lab.name}-{node}")
    pcs_os("plan", *where, "-o", str(plan), str(document), ok=(2,))
    return plan


def written_by(quickstart: Quickstart) -> set[str]:
    """Return the nodes whose attribute is in the CIB."""
    cib = etree.fromstring(quickstart.lab.node("controller01").run(["cibadmin", "--query"]).stdout)
    pairs = cib.iterfind("configuration/nodes/node/instance_attributes/nvpair[@name='written']/../..")
    return {str(node.get("uname")) for node in pairs}


def test_virtual_ip_survives_a_node_failure(
    quickstart: Quickstart, record_property: Callable[[str, object], None]
) -> None:
    victim = quickstart.answer()
    started = quickstart.lab.started_at(victim)
    quickstart.lab.fault("kill", victim)
    silence = wait_until(
        "the virtual IP answers", lambda: quickstart.answer() not in ("", victim), timeout=FAILOVER
    )
    record_property("seconds from the kill to the next answer", round(silence, 1))
    witness = next(node for node in quickstart.lab.nodes if node != victim)
    wait_until(f"{victim} is switched on by fencing", lambda: quickstart.lab.started_at(victim) > started)
    quickstart.lab.wait_online()
    wait_until(
        "the document plans nothing to do",
        lambda: "No changes" in quickstart.run("plan", DOCUMENT, by=witness, ok=(0, 2)),
    )
