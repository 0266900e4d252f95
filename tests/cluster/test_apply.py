"""Plan and apply on a real cluster: what was foretold is what happens, and nobody's change is lost."""

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
from apply_site import Marks, Site, document_on, dummy, foretold, observed, runs_on
from lab_handle import LabHandle, pcs_os, wait_until

pytestmark = pytest.mark.cluster

#: Resources of the cluster that is changed at random.
RESOURCES = 20


@dataclass(frozen=True)
class Rounds:
    """How often what depends on chance is done."""

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


def test_changed_parameter_restarts_exactly_what_was_foretold(site: Site) -> None:
    site.write({"resources": {"a": dummy(), "b": dummy(), "c": dummy()}, "order": ["a then b"]})
    site.apply()
    site.write({"resources": {"a": dummy(state="y"), "b": dummy(), "c": dummy()}, "order": ["a then b"]})
    marks, plan = Marks.now(site), site.plan()
    assert {(verb, name) for verb, name, _, _ in foretold(plan)} == {("restart", "a"), ("restart", "b")}
    causes = {effect["resource"]: effect["cause"]["text"] for effect in plan["effects"]}
    assert causes["b"].startswith("triggered by a")
    assert site.apply()["outcome"] == "done"
    assert observed(marks) == foretold(plan)


def test_location_moves_exactly_what_was_foretold(site: Site) -> None:
    content: dict[str, Any] = {"resources": {"a": dummy(), "b": dummy()}, "colocation": ["b with a"]}
    site.write(content)
    site.apply()
    here = runs_on(site, "a")
    there = next(node for node in site.nodes if node != here)
    site.write({**content, "location": [f"a on {there} (INFINITY)"]})
    marks, plan = Marks.now(site), site.plan()
    assert foretold(plan) == {("move", "a", here, there), ("move", "b", here, there)}
    site.apply()
    assert observed(marks) == foretold(plan)


def test_reloadable_parameter_is_a_reload(site: Site) -> None:
    """The agent's state file is made by its start: after a reload it is still the same one."""
    content = {"resources": {"soft": {"agent": "ocf:pacemaker:Dummy", "params": {"fake": "x"}}}}
    site.write(content)
    site.apply()
    here = runs_on(site, "soft")
    look = ["stat", "--format=%i %W", "/run/Dummy-soft.state"]
    before = site.lab.node(here).run(look).text
    site.write({"resources": {"soft": {"agent": "ocf:pacemaker:Dummy", "params": {"fake": "y"}}}})
    assert [effect["verb"] for effect in site.plan()["effects"]] == ["reload"]
    site.apply()
    assert site.lab.node(here).run(look).text == before


def random_content(chance: random.Random, nodes: list[str], content: dict[str, Any]) -> dict[str, Any]:
    """The content after one small change of a kind that operators make."""
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


def test_random_changes_are_foretold(site: Site, rounds: Rounds) -> None:
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
        if (seen := observed(marks)) != foretold(plan):
            wrong.append((number, sorted(foretold(plan) - seen), sorted(seen - foretold(plan))))
    print(f"foretold and observed equal in {rounds.changes - len(wrong)} of {rounds.changes} changes")
    assert not wrong


def test_two_writers_lose_nothing(site: Site, rounds: Rounds) -> None:
    """pcs-os applies saved plans while plain cibadmin writes: every success is in the CIB, once."""
    site.write({"resources": {"a": dummy("0"), "b": dummy("0")}})
    site.apply("--no-wait")
    node, mine, caught = site.lab.node("controller01"), 0, 0
    begin, chance = site.epoch(), random.Random(7)

    def ours() -> subprocess.CompletedProcess[str]:
        return pcs_os("apply", "--yes", "--no-wait", *site.where, "--plan", str(plan), ok=(0, 3))

    def others(value: int) -> None:
        # Which moment of the apply the other writer meets is the point here: any may be the wrong one.
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
    print(f"{rounds.races} rounds: pcs-os won {mine}, was refused {lost}, {caught} of them by the push")
    # Each writer's success is one epoch, and a refusal is none.
    assert site.epoch() == begin + mine + rounds.races
    node.run(["cibadmin", "--delete", "--xml-text", '<cluster_property_set id="race-set"/>'])


def test_killed_apply_leaves_the_old_or_the_new(site: Site, rounds: Rounds) -> None:
    chance = random.Random(9)
    site.write({"resources": {f"r{n}": dummy("0") for n in range(5)}})
    site.apply()
    for value in range(1, rounds.kills + 1):
        before = site.epoch()
        site.write({"resources": {f"r{n}": dummy(str(value)) for n in range(5)}})
        line = [sys.executable, "-m", "pacemaker_os", "apply", "--yes", *site.where, str(site.document)]
        child = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # How long the work is left alone is the point here: any moment may be the last.
        time.sleep(chance.uniform(0.1, 2.0))
        child.send_signal(signal.SIGKILL)
        child.wait()
        values = {pair.get("value") for pair in site.cib().iter("nvpair") if pair.get("name") == "fake"}
        assert len(values) == 1
        assert site.epoch() - before == int(values == {str(value)})
        assert site.apply()["outcome"] in ("done", "no-changes")


def test_failure_is_told_in_the_agents_words_and_taken_back(site: Site) -> None:
    site.write({"resources": {"a": dummy()}})
    site.apply()
    bad = {
        "agent": "ocf:heartbeat:Filesystem",
        "params": {"device": "/dev/none", "directory": "/mnt", "fstype": "ext4"},
    }
    site.write({"resources": {"a": dummy(), "disk": bad}})
    found = site.apply("--rollback-on-failure", ok=(1,))
    assert found["outcome"] == "rolled-back"
    said = {failure["node"]: failure for failure in found["verdict"]["failures"]}
    assert sorted(said) == site.nodes
    assert {failure["resource"] for failure in said.values()} == {"disk"}
    assert all(failure["reason"] for failure in said.values())
    assert site.cib().find(".//primitive[@id='disk']") is None
    site.lab.node("controller01").run(["crm_resource", "--cleanup"], ok=())


def test_history_is_on_every_node_and_rollback_works_from_any(site: Site) -> None:
    site.write({"resources": {"a": dummy("1")}})
    site.apply()
    site.write({"resources": {"a": dummy("2")}})
    site.apply()
    elsewhere = ("--container", f"{site.lab.name}-controller02")
    assert "~ primitive a" in pcs_os("history", *elsewhere).stdout
    pcs_os("rollback", "--yes", *elsewhere)
    assert site.cib().find(".//nvpair[@id='a-instance_attributes-fake']").get("value") == "1"


def test_other_tools_still_work_on_what_is_owned(site: Site) -> None:
    site.write({"resources": {"a": dummy(), "b": dummy()}})
    site.apply()
    site.lab.node("controller01").run(["pcs", "resource", "delete", "a", "--force"], timeout=120)
    assert site.cib().find(".//primitive[@id='a']") is None
    assert [operation["action"] for operation in site.plan()["changes"]] == ["add"]


def test_through_pcs_with_the_same_guard(site: Site) -> None:
    site.write({"resources": {"a": dummy("1")}})
    begin = site.epoch()
    assert site.apply("--via", "pcs")["outcome"] == "done"
    assert site.epoch() == begin + 1
    assert not site.plan()["has_changes"]


def test_newer_schema_is_one_guarded_epoch(site: Site) -> None:
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
    assert observed(marks) == foretold(plan) == set()
    assert not site.plan("--upgrade-schema")["has_changes"]


def test_events_are_told_as_they_happen(site: Site) -> None:
    site.write({"resources": {"a": dummy()}})
    line = ("apply", "--yes", "--json", *site.where, str(site.document))
    events = [json.loads(line) for line in pcs_os(*line).stdout.splitlines()]
    names = [event["event"] for event in events]
    assert names[:3] == ["planned", "pushed", "waiting"]
    assert names[-1] == "done"
    assert set(names[3:-1]) <= {"progress"}
    assert any("start a on" in str(event.get("running")) for event in events) or events[-2]["settled"]


def test_survival_is_proven_on_the_live_cluster(site: Site) -> None:
    site.write({"resources": {"a": dummy(), "b": dummy(clone={"interleave": True})}})
    assert json.loads(pcs_os("check", "--json", *site.where, str(site.document)).stdout)["passed"]


def test_operator_state_is_no_drift(site: Site) -> None:
    site.write({"resources": {"a": dummy()}})
    site.apply()
    node = site.lab.node("controller01")
    node.run(["crm_resource", "--resource", "a", "--ban"])
    node.run(["crm_attribute", "--node", "controller03", "--name", "standby", "--update", "on"])
    try:
        wait_until("standby is seen", lambda: "controller03 standby on" in str(site.plan()["overrides"]))
        plan = site.plan()
        assert not plan["has_changes"]
        assert any("cli-ban-a" in words for words in plan["overrides"])
    finally:
        node.run(["crm_attribute", "--node", "controller03", "--name", "standby", "--delete"])
        node.run(["crm_resource", "--resource", "a", "--clear"])
