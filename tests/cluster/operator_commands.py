"""What operators do on a node: set overrides with pcs or with Pacemaker's tools, and end them."""

from __future__ import annotations

import random
from collections.abc import Iterator

from lab_handle import LabHandle
from lxml import etree
from reshaped import META, RESOURCE_TAGS, Step


def set_override(lab: LabHandle, step: Step, chance: random.Random, where: str) -> None:
    """Set an override with one of the commands for it. pcs and Pacemaker reject some of them."""
    lab.node(where).run(chance.choice(list(_commands(step))), ok=(), timeout=90)


def _commands(step: Step) -> Iterator[list[str]]:
    name, node = step.resource, step.node
    match step.kind:
        case "target-role":
            yield ["pcs", "resource", "disable", name]
        case "is-managed":
            yield ["pcs", "resource", "unmanage", name]
        case "maintenance":
            yield ["pcs", "resource", "meta", name, "maintenance=true"]
        case "ban":
            yield ["pcs", "resource", "ban", name, node]
            yield ["crm_resource", "--ban", "--resource", name, "--node", node]
            yield ["crm_resource", "--ban", "--resource", name, "--node", node, "--lifetime", "PT2H"]
        case "prefer":
            yield ["pcs", "resource", "move-with-constraint", name, node]
            yield ["crm_resource", "--move", "--resource", name, "--node", node]
        case "standby":
            yield ["pcs", "node", "standby", node]
            yield ["crm_standby", "--node", node, "--update", "on"]
        case "node-maintenance":
            yield ["pcs", "node", "maintenance", node]
        case "maintenance-mode":
            yield ["pcs", "property", "set", "maintenance-mode=true"]
            yield ["crm_attribute", "--name", "maintenance-mode", "--update", "true"]
    if step.kind in dict(META):
        value = ["--set-parameter", step.kind, "--parameter-value", step.value]
        yield ["crm_resource", "--resource", name, "--meta", *value]


def end_overrides(lab: LabHandle, cib: etree._Element, chance: random.Random, share: float) -> None:
    """End this share of the overrides of resources in a live `<cib>`, and all overrides of nodes."""
    node = lab.node("controller01")
    for argv in _endings(cib):
        # Under an override of all nodes, a change has no effects.
        if argv[0] == "crm_attribute" or chance.random() < share:
            node.run(argv, ok=(), timeout=90)


def _endings(cib: etree._Element) -> Iterator[list[str]]:
    for each in cib.iterfind("configuration/resources//*"):
        for pair in each.iterfind("meta_attributes/nvpair") if each.tag in RESOURCE_TAGS else ():
            if pair.get("name") in dict(META):
                name = ["--resource", str(each.get("id")), "--meta", "--delete-parameter"]
                yield ["crm_resource", *name, str(pair.get("name"))]
    for each in cib.iterfind("configuration/constraints/rsc_location"):
        if str(each.get("id")).startswith("cli-"):
            yield ["crm_resource", "--clear", "--resource", str(each.get("rsc"))]
    for each in cib.iterfind("configuration/nodes/node"):
        for pair in each.iterfind("instance_attributes/nvpair"):
            if pair.get("name") in ("standby", "maintenance"):
                name = ["--name", str(pair.get("name"))]
                yield ["crm_attribute", "--node", str(each.get("uname")), *name, "--delete"]
    if cib.find(".//cluster_property_set/nvpair[@name='maintenance-mode']") is not None:
        yield ["crm_attribute", "--name", "maintenance-mode", "--delete"]
