"""Predictions and survival checks agree with crm_simulate for every CIB in the scheduler corpus.

By default, a tenth of the corpus is checked; with --thorough all of it, which takes an hour.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brute_force
import pytest
from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.planning.planner import prepare
from pacemaker_os.cluster.planning.survival import check_survival
from pacemaker_os.errors import ClusterError, InputError
from pacemaker_os.plan.diff.compare import PlanOptions

_DEFAULT = Path(__file__).parents[3] / "shared/corpus/scheduler"
CORPUS = sorted(Path(os.environ.get("PCS_OS_CORPUS", _DEFAULT)).glob("*.xml"))

#: Without --thorough, every tenth CIB is checked.
STEP = 10

pytestmark = [
    pytest.mark.skipif(not CORPUS, reason="the scheduler corpus is not available"),
    pytest.mark.skipif(not shutil.which("crm_simulate"), reason="crm_simulate is not installed"),
]


@pytest.fixture
def chosen(request: pytest.FixtureRequest) -> list[Path]:
    """Return the CIBs to check."""
    return CORPUS if request.config.getoption("thorough") else CORPUS[::STEP]


def problems(path: Path, compare) -> list[str]:
    """Return the differences for one CIB, without those that this Pacemaker cannot simulate."""
    try:
        return [f"{path.name}: {each}" for each in compare(etree.parse(path).getroot())]
    except brute_force.Refused:
        return []


def all_problems(paths: list[Path], compare) -> list[str]:
    with ThreadPoolExecutor(2) as pool:
        return [each for found in pool.map(lambda path: problems(path, compare), paths) for each in found]


def bare(cib: etree._Element) -> etree._Element:
    """Return the cluster before the document: its nodes and options, without resources and status."""
    copy = etree.fromstring(etree.tostring(cib))
    for status in copy.findall("status"):
        copy.remove(status)
    for section in ("resources", "constraints", "fencing-topology", "tags", "acls"):
        for each in copy.iterfind(f"configuration/{section}"):
            for child in list(each):
                each.remove(child)
    return copy


def compare_plan(cib: etree._Element, directory: Path) -> list[str]:
    """Compare what a plan predicts on a bare cluster with what crm_simulate does with the result."""
    path = directory / f"{abs(hash(etree.tostring(cib)))}.xml"
    path.write_bytes(etree.tostring(bare(cib)))
    cluster = connect(Target(cib_file=str(path)))
    try:
        prepared = prepare(
            cluster, Cib.from_xml(etree.tostring(cib)), name="x", options=PlanOptions(new_nodes=True)
        )
    except (InputError, ClusterError) as error:
        raise brute_force.Refused(str(error)) from None
    if not prepared.plan.predicted:
        raise brute_force.Refused
    target = etree.fromstring(etree.tostring(prepared.target))
    _, report = brute_force.simulate(brute_force.all_online(target))
    actual = brute_force.running(report)
    predicted: dict[str, set[str]] = {}
    for effect in (*prepared.plan.effects, *prepared.plan.pending):
        if effect.verb in ("start", "promote") and not effect.blocked:
            predicted.setdefault(effect.resource.split(":")[0], set()).add(effect.node)
    stopped = {e.resource for e in prepared.plan.effects if e.verb == "cannot-run" and not e.role}
    found = []
    for name in sorted(actual.keys() | predicted.keys()):
        nodes = {node for node, _ in actual.get(name, ())}
        if nodes != predicted.get(name, set()):
            found.append(f"{name} runs on {sorted(nodes)}, predicted {sorted(predicted.get(name, ()))}")
    found += [f"{name} runs, but cannot run" for name in sorted(stopped & actual.keys())]
    return found


def compare_check(cib: etree._Element, directory: Path) -> list[str]:
    """Compare the survival check with a failure of each node in turn."""
    content = brute_force.all_online(cib)
    path = directory / f"{abs(hash(etree.tostring(cib)))}-check.xml"
    path.write_bytes(etree.tostring(cib))
    healthy, _ = brute_force.simulate(content)
    # The second transition starts what depends on the first one.
    _, report = brute_force.simulate(healthy)
    before, fencing = brute_force.running(report), brute_force.is_fencing(report)
    members = [each.get("uname") for each in content.iterfind("status/node_state")]
    if len(members) < 2:
        return []
    desired = Cib.from_xml(etree.tostring(cib))
    try:
        survival = check_survival(
            connect(Target(cib_file=str(path))), desired, name="x", options=PlanOptions(), failed_nodes=1
        )
    except (InputError, ClusterError) as error:
        raise brute_force.Refused(str(error)) from None
    cases = {
        name: {each.service for each in outcome if each.what != "cannot be fenced"}
        for failure, outcome in survival.outcomes
        for (name,) in [failure.nodes]
    }
    found = []
    for name in members:
        if name not in cases:
            continue
        _, after = brute_force.simulate(
            brute_force.lose(healthy, name, quorum=(len(members) - 1) * 2 > len(members))
        )
        left = brute_force.running(after, without=name)
        lost = {
            service
            for service, nodes in before.items()
            if service not in fencing
            and (
                service not in left
                or (any(promoted for _, promoted in nodes) and not any(p for _, p in left[service]))
            )
        }
        if lost != cases[name]:
            found.append(f"without {name}: {sorted(lost)}, but check says {sorted(cases[name])}")
    return found


def test_plans_predict_what_the_scheduler_does(chosen, tmp_path) -> None:
    assert all_problems(chosen, lambda cib: compare_plan(cib, tmp_path)) == []


def test_checks_agree_with_a_failure_of_each_node(chosen, tmp_path) -> None:
    assert all_problems(chosen, lambda cib: compare_check(cib, tmp_path)) == []
