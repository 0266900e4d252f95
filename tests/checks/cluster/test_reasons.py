"""The reasons of stopped resources, confirmed with Pacemaker's scheduler."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree
from test_predictions import BASE, Loader, plan

from pacemaker_os.cluster.observe.reasons import Wanted, comes_up, find_reasons
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.transport.local import LocalTransport

pytestmark = pytest.mark.skipif(
    shutil.which("crm_simulate") is None,
    reason="Pacemaker's command-line tools are not installed (Debian: pacemaker-cli-utils)",
)

CASES = yaml.load((Path(__file__).parents[2] / "cases/status/reasons.yaml").read_text(), Loader)

SCHEDULER = Scheduler(LocalTransport())


def staged(case: dict[str, Any], directory: Path) -> etree._Element:
    """Return the CIB of a case, with the status that it describes."""
    path = directory / "cib.xml"
    path.write_text(BASE)
    cib = simulated_status.without_status(plan(path, case["document"]).target)
    if case.get("no_device"):
        for device in cib.findall("configuration/resources/primitive[@class='stonith']"):
            device.getparent().remove(device)
    names = [] if "Promoted" in case["resource"] else simulated_status.unpromoted(cib)
    online = simulated_status.all_online(cib)
    for state in online.iterfind("status/node_state"):
        node = state.get("uname")
        if node in case.get("offline", ()):
            state.attrib.update({"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "down"})
        for transient in state.findall("transient_attributes"):
            if not names:
                state.remove(transient)
        add_attributes(state, case.get("attributes", {}).get(node, {}))
        if node in case.get("failed", {}):
            add_failure(state, *case["failed"][node].split())
    return online


def add_attributes(state: etree._Element, attributes: dict[str, str]) -> None:
    nvset = state.find("transient_attributes/instance_attributes")
    if nvset is None:
        transient = etree.SubElement(state, "transient_attributes", id=state.get("id"))
        nvset = etree.SubElement(transient, "instance_attributes", id=f"status-{state.get('id')}")
    for name, value in attributes.items():
        etree.SubElement(nvset, "nvpair", id=f"{nvset.get('id')}-{len(nvset)}", name=name, value=value)


def add_failure(state: etree._Element, resource: str, action: str, result: str) -> None:
    """Add an operation that failed; a start that failed is not tried again on its node."""
    history = etree.SubElement(
        state.find("lrm/lrm_resources"),
        "lrm_resource",
        {"id": resource, "class": "ocf", "provider": "pacemaker", "type": "Dummy"},
    )
    add_operation(history, f"{resource}_last_failure_0", action, result, "9")
    if action != "monitor":
        add_operation(history, f"{resource}_last_0", "stop", "0", "10")
    if action == "start":
        add_attributes(state, {f"fail-count-{resource}#start_0": "INFINITY"})


def add_operation(history: etree._Element, identifier: str, action: str, result: str, call: str) -> None:
    key = f"5:1:{7 if action == 'monitor' else 0}:11111111-1111-1111-1111-111111111111"
    etree.SubElement(
        history,
        "lrm_rsc_op",
        {
            "id": identifier,
            "operation_key": f"{history.get('id')}_{action}_0",
            "operation": action,
            "crm_feature_set": "3.16.1",
            "transition-key": key,
            "transition-magic": f"0:{result};{key}",
            "call-id": call,
            "rc-code": result,
            "op-status": "0",
            "interval": "0",
            "last-rc-change": "1700000000",
        },
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_reason_of_a_stopped_resource_holds(case: dict[str, Any], tmp_path: Path) -> None:
    cib = staged(case, tmp_path)
    resource, _, role = case["resource"].partition(" ")
    wanted = Wanted(resource, role)
    simulation = SCHEDULER.run_transition(cib)
    assert not comes_up(simulation, wanted)
    found = find_reasons(SCHEDULER, cib, simulation, [wanted], {}, limit=60)
    assert resource in found, found
    assert case["reason"] in found[resource].text
    assert case.get("command", "") in " ".join(found[resource].command)


def test_reason_names_the_position_in_the_document(tmp_path: Path) -> None:
    case = next(each for each in CASES if each["name"] == "rule that needs an attribute")
    cib = staged(case, tmp_path)
    origins = {"location-x": "app.cib.yaml:7:5"}
    found = find_reasons(SCHEDULER, cib, SCHEDULER.run(cib), [Wanted("x")], origins, limit=60)
    assert found["x"].origin == "app.cib.yaml:7:5"
    assert found["x"].advice == "declared at app.cib.yaml:7:5; to remove it, run:"


def test_resource_without_a_known_obstacle_has_no_reason(tmp_path: Path) -> None:
    """A resource that no CIB contains cannot be started by removing something."""
    cib = staged(
        {"document": {"resources": {"x": {"agent": "ocf:pacemaker:Dummy"}}}, "resource": "x"}, tmp_path
    )
    assert find_reasons(SCHEDULER, cib, SCHEDULER.run(cib), [Wanted("other")], {}, limit=60) == {}
