"""Random reshapings of resources on a real cluster, with operator overrides in place.

What a plan predicts for each resource on each node happens, and no override ends that the plan does not name.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apply_site import Marks, Site, document_on
from lab_handle import LabHandle, pcs_os
from lxml import etree

from pacemaker_os.plan.prediction.simulation import SEVERAL_NODES

sys.path.append(str(Path(__file__).parents[1] / "unit" / "plan"))
from operator_commands import end_overrides, set_override
from reshaped import (
    AGENTS,
    STATEFUL,
    Parts,
    arrange,
    content,
    located,
    meta_overrides,
    reshape,
    set_on_nodes,
    steps,
    unnamed,
)

pytestmark = [pytest.mark.cluster, pytest.mark.campaign]

#: Number of reshapings.
NUMBER = 60

#: An operation of a resource on a node.
Operation = tuple[str, str, str]


@pytest.fixture
def site(lab: LabHandle, tmp_path: Path) -> Iterator[Site]:
    yield from document_on(lab, tmp_path)


def operations(effect: dict[str, Any]) -> Iterator[Operation]:
    """Yield the operations of a predicted effect."""
    verb, source, node = effect["verb"], effect["source"], effect["node"]
    name, promoted = effect["resource"].split(":")[0], effect["role"] == "Promoted"
    if effect["blocked"]:
        return
    if verb in ("stop", "restart", "recover", "move"):
        yield "stop", name, source
    if verb in ("start", "restart", "recover", "move") or (verb == "promote" and not source):
        yield "start", name, node
    if verb in ("demote", "re-promote"):
        yield "demote", name, source or node
    if verb in ("promote", "re-promote") or (promoted and verb in ("start", "restart", "recover", "move")):
        yield "promote", name, node
    if verb == "reload":
        yield "reload", name, node


def happened(marks: Marks) -> set[Operation]:
    """Return the operations since then. A demotion is part of a stop on the same node."""
    found = {(verb, name, node) for name, done in marks.since().items() for verb, node in done}
    return {each for each in found if each[0] != "demote" or ("stop", *each[1:]) not in found}


def avoidable(plan: dict[str, Any], new: Parts) -> list[set[Operation]]:
    """Return the operations that Pacemaker skips if it decides again before they begin.

    It restarts a resource that is active on several nodes. Where the agent removes its promotion score during
    the stops on the other nodes, the change lets Pacemaker decide again, and the restart is no longer needed.
    """
    stateful = {one.name for part in new for one in part.members if AGENTS[one.letter] == STATEFUL}
    several = {each["resource"] for each in plan["effects"] if each["reason"] == SEVERAL_NODES} & stateful
    restarts = [each for each in plan["effects"] if each["verb"] == "restart" and each["resource"] in several]
    return [set(operations(each)) for each in restarts]


def undecided(plan: dict[str, Any]) -> set[str]:
    """Return the resources of which the agents decide where they are promoted, when they start."""
    notes = " ".join(plan["notes"]).replace(",", "").split()
    return {each["resource"].split(":")[0] for each in plan["effects"]} & set(notes)


def without_nodes(found: set[Operation], promoted: set[str]) -> set[Operation]:
    """Return the operations, with the number of promotions of these resources instead of their nodes."""
    of = {each for each in found if each[0] == "promote" and each[1] in promoted}
    numbers = Counter(name for _, name, _ in of)
    return (found - of) | {("promote", name, str(number)) for name, number in numbers.items()}


def idle(site: Site) -> set[str]:
    """Return the primitives that should run but have no active instance."""
    status = site.query(["crm_mon", "--one-shot", "--inactive", "--output-as=xml"])
    instances = Counter[str]()
    required = set()
    for each in status.iterfind("resources//resource"):
        name = str(each.get("id")).split(":")[0]
        instances[name] += each.get("active") == "true"
        off = "true" in (each.get("disabled"), each.get("orphaned"), each.get("maintenance"))
        if not off and each.get("target_role") != "Stopped" and each.get("managed") == "true":
            required.add(name)
    return {name for name in required if not instances[name]}


def wrongly_idle(site: Site, plan: dict[str, Any]) -> set[str]:
    """Return the resources that are stopped but not according to the plan, or the other way round."""
    every = [*plan["effects"], *plan["pending"]]
    cannot = {each["resource"] for each in every if each["verb"] == "cannot-run" and not each["role"]}
    stopping = {each["resource"].split(":")[0] for each in every if each["verb"] == "stop"}
    found = idle(site)
    return (found - cannot - stopping) | (cannot - found)


def lost(before: etree._Element, after: etree._Element, plan: dict[str, Any]) -> list[str]:
    """Return the overrides that ended although the plan does not name them."""
    names = {str(each.get("id")) for each in after.iterfind("configuration/resources//primitive")}
    named = " ".join(plan["lost_overrides"]).replace("(", "").split()
    found = [str(each) for each in set_on_nodes(before) - set_on_nodes(after)]
    found += [str(each) for each in meta_overrides(before) - meta_overrides(after) if each[0] in names]
    found += unnamed(located(before) - located(after), after, plan["lost_overrides"])
    # An override of a resource that is gone with all its members must be named.
    for each in before.iterfind("configuration/resources//*[@id]"):
        gone = each.tag in ("primitive", "group", "clone") and not (
            {str(one.get("id")) for one in each.iter("primitive")} & names
        )
        overridden = each.findall("meta_attributes/nvpair[@name='target-role']")
        if gone and overridden and str(each.get("id")) not in named:
            found.append(f"{each.get('id')} target-role")
    return found


def applied(site: Site) -> tuple[dict[str, Any], dict[str, Any]]:
    """Apply the document; return the plan and the outcome."""
    options = ("--allow", "override-loss", "--timeout", "40")
    line = ("apply", "--yes", "--json", *site.where, *options, str(site.document))
    events = [json.loads(each) for each in pcs_os(*line, ok=(0, 1)).stdout.splitlines()]
    return events[0]["plan"], events[-1]


def reshaped(site: Site, parts: Parts, chance: random.Random) -> tuple[Parts, list[str]]:
    """Set overrides, reshape and compare; return the new arrangement and the differences."""
    end_overrides(site.lab, site.cib(), chance, 0.6)
    for step in steps(site.cib(), site.nodes, chance, count=chance.choice([1, 2, 3])):
        set_override(site.lab, step, chance, chance.choice(site.nodes))
    site.lab.node("controller01").run(["crm_resource", "--wait", "--timeout=8s"], ok=(), timeout=60)
    before = site.cib()
    name, new = ("arrange", arrange(chance)) if chance.random() < 0.3 else reshape(parts, chance)
    site.write(content(new))
    marks = Marks.now(site)
    plan, outcome = applied(site)
    every, open_nodes = plan["effects"], undecided(plan)
    effects = without_nodes({each for effect in every for each in operations(effect)}, open_nodes)
    pending = {each for effect in plan["pending"] for each in operations(effect)}
    seen, after = without_nodes(happened(marks), open_nodes), site.cib()
    missing = effects - seen
    for skipped in avoidable(plan, new):
        missing -= skipped if skipped <= missing else set()
    problems = [f"not observed: {each}" for each in sorted(missing)]
    problems += [f"not predicted: {each}" for each in sorted(seen - effects - pending)]
    problems += [f"lost without notice: {each}" for each in lost(before, after, plan)]
    problems += [f"cannot run, differs: {each}" for each in wrongly_idle(site, plan)]
    verdict = outcome.get("verdict") or {}
    # In maintenance mode, Pacemaker does not stop removed resources.
    stopped = {effect["resource"] for effect in every if effect["verb"] == "stop"}
    left = set(verdict.get("orphans", ())) & stopped
    if verdict.get("failures") or left or not outcome.get("settled", True):
        problems.append(f"outcome {outcome}")
    if site.plan()["has_changes"]:
        problems.append("the plan afterwards is not empty")
    return new, [f"{name}: {each}" for each in problems]


def test_reshapings_happen_as_predicted_and_keep_overrides(site: Site) -> None:
    chance = random.Random(22)
    parts = arrange(chance)
    site.write(content(parts))
    site.apply()
    wrong = []
    try:
        for seed in range(NUMBER):
            parts, problems = reshaped(site, parts, random.Random(seed))
            wrong += [(seed, each) for each in problems]
    finally:
        end_overrides(site.lab, site.cib(), chance, 1.0)
    print(f"{NUMBER} reshapings, {len(wrong)} differences")
    assert not wrong
