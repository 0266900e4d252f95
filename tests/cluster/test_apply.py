"""Plan and apply on a real cluster: the predicted effects occur, and no change is lost."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from apply_site import Marks, Site, document_on, dummy, observed, predicted, runs_on
from lab_handle import LabHandle, pcs_os, wait_until

pytestmark = pytest.mark.cluster

#: Number of resources of the cluster with random changes.
RESOURCES = 20


@dataclass(frozen=True)
class Rounds:
    """Repetitions of the tests that depend on chance."""

    changes: int
    races: int
    kills: int


QUICK, THOROUGH = Rounds(changes=4, races=6, kills=3), Rounds(changes=30, races=200, kills=12)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Rounds:
    return THOROUGH if request.config.getoption("thorough") else QUICK


@pytest.fixture
def site(lab: LabHandle, tmp_path: Path) -> Iterator[Site]:
    yield from document_on(lab, tmp_path)


def test_changed_parameter_restarts_exactly_the_predicted_resources(site: Site) -> None:
    site.write({"resources": {"a": dummy(), "b": dummy(), "c": dummy()}, "order": ["a then b"]})
    site.apply()
    site.write({"resources": {"a": dummy(state="y"), "b": dummy(), "c": dummy()}, "order": ["a then b"]})
    marks, plan = Marks.now(site), site.plan()
    assert {(verb, name) for verb, name, _, _ in predicted(plan)} == {("restart", "a"), ("restart", "b")}
    causes = {effect["resource"]: effect["cause"]["text"] for effect in plan["effects"]}
    assert causes["b"].startswith("triggered by a")
    assert site.apply()["outcome"] == "done"
    assert observed(marks) == predicted(plan)


def test_location_moves_exactly_the_predicted_resources(site: Site) -> None:
    content: dict[str, Any] = {"resources": {"a": dummy(), "b": dummy()}, "colocation": ["b with a"]}
    site.write(content)
    site.apply()
    here = runs_on(site, "a")
    there = next(node for node in site.nodes if node != here)
    site.write({**content, "location": [f"a on {there} (INFINITY)"]})
    marks, plan = Marks.now(site), site.plan()
    assert predicted(plan) == {("move", "a", here, there), ("move", "b", here, there)}
    site.apply()
    assert observed(marks) == predicted(plan)


def test_reloadable_parameter_causes_a_reload(site: Site) -> None:
    """The start creates the state file of the agent; after a reload it is still the same file."""
    content = {"resources": {"soft": {"agent": "ocf:pacemaker:Dummy", "params": {"fake": "x"}}}}
    site.write(content)
    site.apply()
    here = runs_on(site, "soft")
    command = ["stat", "--format=%i %W", "/run/Dummy-soft.state"]
    before = site.lab.node(here).run(command).text
    site.write({"resources": {"soft": {"agent": "ocf:pacemaker:Dummy", "params": {"fake": "y"}}}})
    assert [effect["verb"] for effect in site.plan()["effects"]] == ["reload"]
    site.apply()
    assert site.lab.node(here).run(command).text == before


def random_content(chance: random.Random, nodes: list[str], content: dict[str, Any]) -> dict[str, Any]:
    """Return the content after one small, typical change."""
    resources = {name: dict(body) for name, body in content["resources"].items()}
    location, order = list(content["location"]), list(content["order"])
    name = chance.choice(sorted(resources))
    match chance.randrange(7):
        case 0:
            params = {**resources[name]["params"], "fake": str(chance.randrange(10**6))}
            resources[name] = {**resources[name], "params": params}
        case 5:
            params = {**resources[name]["params"], "state": f"/run/{name}-{chance.randrange(10**6)}.state"}
            resources[name] = {**resources[name], "params": params}
        case 1:
            location = [line for line in location if not line.startswith(f"{name} ")]
            location.append(f"{name} on {chance.choice(nodes)} ({chance.choice([50, 500, 'INFINITY'])})")
        case 2 if location:
            location.remove(chance.choice(location))
        case 3:
            resources[name] = {**resources[name], "monitor": f"{chance.randint(10, 90)}s"}
        case 4 if len(resources) > RESOURCES // 2:
            del resources[name]
            location = [line for line in location if not line.startswith(f"{name} ")]
            order = [line for line in order if name not in line.split()]
        case _:
            resources[f"n{chance.randrange(10**6)}"] = dummy()
    return {**content, "resources": resources, "location": location, "order": order}


def test_effects_of_random_changes_are_predicted(site: Site, rounds: Rounds) -> None:
    chance = random.Random(4)
    resources = {f"r{n}": dummy() for n in range(RESOURCES)}
    content: dict[str, Any] = {
        "resources": resources,
        "location": [],
        "order": [f"r{n} then r{n + 1}" for n in range(0, RESOURCES, 4)],
    }
    site.write(content)
    site.apply()
    wrong = []
    for number in range(rounds.changes):
        content = random_content(chance, site.nodes, content)
        site.write(content)
        marks, plan = Marks.now(site), site.plan()
        if plan["has_changes"]:
            site.apply()
        if (seen := observed(marks)) != predicted(plan):
            wrong.append((number, sorted(predicted(plan) - seen), sorted(seen - predicted(plan))))
    correct = rounds.changes - len(wrong)
    print(f"predicted and observed effects are equal in {correct} of {rounds.changes} changes")
    assert not wrong


def test_two_writers_lose_no_change(site: Site, rounds: Rounds) -> None:
    """pcs-os applies saved plans while cibadmin writes: every successful write is in the CIB once."""
    site.write({"resources": {"a": dummy("0"), "b": dummy("0")}})
    site.apply("--no-wait")
    node, mine, caught = site.lab.node("controller01"), 0, 0
    begin, chance = site.epoch(), random.Random(7)

    def ours() -> subprocess.CompletedProcess[str]:
        return pcs_os("apply", "--yes", "--no-wait", *site.where, "--plan", str(plan), ok=(0, 3))

    def others(value: int) -> None:
        # The other writer must meet the apply at a random moment.
        time.sleep(chance.uniform(0.0, 1.5))
        pair = f'<nvpair id="race" name="race" value="{value}"/>'
        xml = f'<crm_config><cluster_property_set id="race-set">{pair}</cluster_property_set></crm_config>'
        node.run(["cibadmin", "--modify", "--allow-create", "--scope", "crm_config", "--xml-text", xml])

    plan = site.document.with_suffix(".json")
    for value in range(1, rounds.races + 1):
        site.write({"resources": {"a": dummy(str(value)), "b": dummy("0")}})
        pcs_os("plan", *site.where, str(site.document), "-o", str(plan), ok=(2,))
        with ThreadPoolExecutor() as pool:
            tried, other = pool.submit(ours), pool.submit(others, value)
        other.result()
        won = tried.result().returncode == 0
        values = {pair.get("id"): pair.get("value") for pair in site.cib().iter("nvpair")}
        assert values["race"] == str(value)
        assert (values["a-instance_attributes-fake"] == str(value)) == won
        mine, caught = mine + won, caught + ("conflict: the CIB changed from" in tried.result().stderr)
    lost = rounds.races - mine
    print(
        f"{rounds.races} rounds: pcs-os won {mine}, was rejected {lost} times, {caught} of them by the push"
    )
    # A successful write is one epoch, and a rejected one is none.
    assert site.epoch() == begin + mine + rounds.races
    node.run(["cibadmin", "--delete", "--xml-text", '<cluster_property_set id="race-set"/>'])


def test_killed_apply_leaves_the_old_or_the_new_configuration(site: Site, rounds: Rounds) -> None:
    chance = random.Random(9)
    site.write({"resources": {f"r{n}": dummy("0") for n in range(5)}})
    site.apply()
    for value in range(1, rounds.kills + 1):
        before = site.epoch()
        site.write({"resources": {f"r{n}": dummy(str(value)) for n in range(5)}})
        line = [sys.executable, "-m", "pacemaker_os", "apply", "--yes", *site.where, str(site.document)]
        child = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # The apply must be killed at a random moment.
        time.sleep(chance.uniform(0.1, 2.0))
        child.send_signal(signal.SIGKILL)
        child.wait()
        values = {pair.get("value") for pair in site.cib().iter("nvpair") if pair.get("name") == "fake"}
        assert len(values) == 1
        assert site.epoch() - before == int(values == {str(value)})
        assert site.apply()["outcome"] in ("done", "no-changes")


def test_failure_is_reported_with_its_exit_reason_and_rolled_back(site: Site) -> None:
    site.write({"resources": {"a": dummy()}})
    site.apply()
    bad = {
        "agent": "ocf:heartbeat:Filesystem",
        "params": {"device": "/dev/none", "directory": "/mnt", "fstype": "ext4"},
    }
    site.write({"resources": {"a": dummy(), "disk": bad}})
    found = site.apply("--rollback-on-failure", ok=(1,))
    assert found["outcome"] == "rolled-back"
    failures = {failure["node"]: failure for failure in found["verdict"]["failures"]}
    assert sorted(failures) == site.nodes
    assert {failure["resource"] for failure in failures.values()} == {"disk"}
    assert all(failure["reason"] for failure in failures.values())
    assert site.cib().find(".//primitive[@id='disk']") is None
    site.lab.node("controller01").run(["crm_resource", "--cleanup"], ok=())


def test_history_is_on_every_node_and_rollback_works_on_any(site: Site) -> None:
    site.write({"resources": {"a": dummy("1")}})
    site.apply()
    site.write({"resources": {"a": dummy("2")}})
    site.apply()
    elsewhere = ("--container", f"{site.lab.name}-controller02")
    assert "~ primitive a" in pcs_os("history", *elsewhere).stdout
    pcs_os("rollback", "--yes", *elsewhere)
    assert site.cib().find(".//nvpair[@id='a-instance_attributes-fake']").get("value") == "1"


def test_other_tools_can_change_owned_objects(site: Site) -> None:
    site.write({"resources": {"a": dummy(), "b": dummy()}})
    site.apply()
    site.lab.node("controller01").run(["pcs", "resource", "delete", "a", "--force"], timeout=120)
    assert site.cib().find(".//primitive[@id='a']") is None
    assert [operation["action"] for operation in site.plan()["changes"]] == ["add"]


def test_push_through_pcs_is_a_compare_and_swap(site: Site) -> None:
    site.write({"resources": {"a": dummy("1")}})
    begin = site.epoch()
    assert site.apply("--via", "pcs")["outcome"] == "done"
    assert site.epoch() == begin + 1
    assert not site.plan()["has_changes"]


def test_schema_upgrade_uses_one_epoch(site: Site) -> None:
    site.write({"resources": {"a": dummy()}})
    site.apply()
    newest = site.cib().get("validate-with")
    node = site.lab.node("controller01")
    cib = node.run(["cibadmin", "--query"]).stdout
    older = re.sub(b'validate-with="[^"]*"', b'validate-with="pacemaker-3.7"', cib)
    node.run(["cibadmin", "--replace", "--xml-pipe"], input=older)
    assert site.cib().get("validate-with") == "pacemaker-3.7"
    begin, marks = site.epoch(), Marks.now(site)
    assert not site.plan()["has_changes"]
    plan = site.plan("--upgrade-schema")
    assert (plan["upgrade"]["from"], plan["upgrade"]["to"]) == ("pacemaker-3.7", newest)
    assert site.apply("--upgrade-schema")["outcome"] == "done"
    assert (site.cib().get("validate-with"), site.epoch()) == (newest, begin + 1)
    assert observed(marks) == predicted(plan) == set()
    assert not site.plan("--upgrade-schema")["has_changes"]


def test_events_are_printed_during_an_apply(site: Site) -> None:
    site.write({"resources": {"a": dummy()}})
    line = ("apply", "--yes", "--json", *site.where, str(site.document))
    events = [json.loads(line) for line in pcs_os(*line).stdout.splitlines()]
    names = [event["event"] for event in events]
    assert names[:3] == ["planned", "pushed", "waiting"]
    assert names[-1] == "done"
    assert set(names[3:-1]) <= {"progress"}
    assert any("start a on" in str(event.get("running")) for event in events) or events[-2]["settled"]


def test_check_simulates_failures_on_a_live_cluster(site: Site) -> None:
    site.write({"resources": {"a": dummy(), "b": dummy(clone={"interleave": True})}})
    assert json.loads(pcs_os("check", "--json", *site.where, str(site.document)).stdout)["passed"]


def test_operator_overrides_are_not_drift(site: Site) -> None:
    site.write({"resources": {"a": dummy()}})
    site.apply()
    node = site.lab.node("controller01")
    node.run(["crm_resource", "--resource", "a", "--ban"])
    node.run(["crm_attribute", "--node", "controller03", "--name", "standby", "--update", "on"])
    try:
        wait_until("standby is seen", lambda: "controller03 standby on" in str(site.plan()["overrides"]))
        plan = site.plan()
        assert not plan["has_changes"]
        assert any("cli-ban-a" in text for text in plan["overrides"])
    finally:
        node.run(["crm_attribute", "--node", "controller03", "--name", "standby", "--delete"])
        node.run(["crm_resource", "--resource", "a", "--clear"])
