"""Four claims about one configuration, each compared with what Pacemaker's own tools do.

Each function returns the differences, and raises Refused where a plan or a check is refused with a reason.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import brute_force
from brute_force import Refused, Running
from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cluster import Target, connect
from pacemaker_os.cluster.planning.planner import Prepared, prepare
from pacemaker_os.cluster.planning.survival import check_survival
from pacemaker_os.errors import ClusterError, InputError
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.export import exportable
from pacemaker_os.plan.plan import Plan

#: The assumptions that plans state, which the simulation to compare with makes as well.
_ONLINE = "effects are predicted as if all nodes in the file were online"
_UNFENCED = f"{_ONLINE} and could be fenced"
_PROMOTED = re.compile(r"effects are predicted as if the agents allowed the promotion of (.*) on every node")

#: The number of a clone instance in a message.
_INSTANCE = re.compile(r"(?<=[\w.-]):\d+\b")


@dataclass(frozen=True)
class Planned:
    """A plan, with the CIB before it and the CIB that an apply of it writes."""

    start: etree._Element
    prepared: Prepared

    @property
    def plan(self) -> Plan:
        return self.prepared.plan

    @property
    def pushed(self) -> etree._Element:
        return etree.fromstring(etree.tostring(self.prepared.target))


def make_plan(start: etree._Element, desired: Cib, options: PlanOptions | None = None) -> Planned:
    """Plan a change of a CIB file. Raises Refused."""
    with TemporaryDirectory() as directory:
        path = Path(directory, "cib.xml")
        path.write_bytes(etree.tostring(start))
        try:
            prepared = prepare(
                connect(Target(cib_file=str(path))),
                desired,
                name="x",
                options=options or PlanOptions(new_nodes=True),
            )
        except (InputError, ClusterError) as error:
            raise Refused(str(error)) from None
    return Planned(start, prepared)


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


def errors_not_shown(found: Planned) -> list[str]:
    """Return the errors that crm_verify finds in the pushed CIB, and that an apply would not show."""
    shown = {_INSTANCE.sub("", each.text) for each in found.plan.verification if each.level == "error"}
    errors = {_INSTANCE.sub("", text) for text in brute_force.verify(found.pushed)}
    return [f"not shown: {text}" for text in sorted(errors - shown)]


def wrong_predictions(found: Planned) -> list[str]:
    """Return the differences between the predicted cluster and the one after a transition of the pushed CIB.

    The assumptions of the plan are made here as well.
    """
    plan = found.plan
    if not plan.predicted:
        raise Refused("; ".join(plan.notes))
    before, after = assumed(found.start, plan), assumed(found.pushed, plan)
    if found.start.find("status/node_state") is None:
        # The cluster of a file settles before the change.
        before, _ = brute_force.settle(brute_force.all_online(with_nodes_of(before, after)))
    after = with_status_of(after, before)
    for each in plan.notes:
        if match := _PROMOTED.fullmatch(each):
            after = brute_force.let_be_promoted(after, match[1].split(", "))
    _, report = brute_force.simulate(after)
    now = brute_force.running(report, state="cluster_status")
    actual, predicted = brute_force.running(report), with_effects(now, plan)
    differences = [
        f"{name} runs on {text(actual.get(name))}, predicted {text(predicted.get(name))}"
        for name in sorted(actual.keys() | predicted.keys())
        if actual.get(name, set()) != predicted.get(name, set())
    ]
    stopped = {e.resource for e in plan.effects if e.verb == "cannot-run" and not e.role}
    return differences + [f"{name} runs, but cannot run" for name in sorted(stopped & actual.keys())]


def assumed(cib: etree._Element, plan: Plan) -> etree._Element:
    """Return a copy of a CIB with the assumption of the plan about fencing."""
    copy = etree.fromstring(etree.tostring(cib))
    if _UNFENCED in plan.notes:
        options = etree.SubElement(
            copy.find("configuration/crm_config"), "cluster_property_set", id="assumed"
        )
        etree.SubElement(options, "nvpair", id="assumed-fencing", name="stonith-enabled", value="false")
    return copy


def with_nodes_of(cib: etree._Element, other: etree._Element) -> etree._Element:
    """Return a copy of a CIB with the nodes of another one as well."""
    copy = etree.fromstring(etree.tostring(cib))
    nodes = copy.find("configuration/nodes")
    known = {each.get("uname") for each in nodes}
    nodes.extend(
        etree.fromstring(etree.tostring(each))
        for each in other.iterfind("configuration/nodes/node")
        if each.get("uname") not in known
    )
    return copy


def with_status_of(cib: etree._Element, other: etree._Element) -> etree._Element:
    """Return a copy of a CIB with the status of another one."""
    copy = etree.fromstring(etree.tostring(cib))
    for status in copy.findall("status"):
        copy.remove(status)
    copy.append(etree.fromstring(etree.tostring(other.find("status"))))
    for name in ("have-quorum", "dc-uuid"):
        if other.get(name) is not None:
            copy.set(name, other.get(name))
    return copy


#: Verbs after which a resource does not run on its former node, unless that is the new one.
_LEAVES = ("stop", "move", "migrate", "recover", "restart")

#: Verbs after which an instance has the role of the effect.
_ARRIVES = ("start", "move", "migrate", "recover", "restart", "demote", "promote", "re-promote")


def with_effects(now: Running, plan: Plan) -> Running:
    """Return the services that run after the predicted effects."""
    found = {name: set(nodes) for name, nodes in now.items()}
    effects = [each for each in (*plan.effects, *plan.pending) if not each.blocked]
    fenced = {effect.node for effect in effects if effect.verb == "fence" and effect.role != "on"}
    for nodes in found.values():
        nodes -= {(node, promoted) for node in fenced for promoted in (True, False)}
    for effect in effects:
        if effect.verb in _LEAVES:
            nodes = found.setdefault(effect.resource.split(":")[0], set())
            nodes -= {(effect.source, True), (effect.source, False)}
    for effect in effects:
        if effect.verb in _ARRIVES:
            nodes = found.setdefault(effect.resource.split(":")[0], set())
            promoted = effect.verb in ("promote", "re-promote") or (
                effect.role in ("Promoted", "Master") and effect.verb != "demote"
            )
            nodes -= {(effect.node, not promoted)}
            nodes |= {(effect.node, promoted)}
    return {name: nodes for name, nodes in found.items() if nodes}


def text(nodes: set[tuple[str, bool]] | None) -> str:
    """Return nodes as text, those with a promoted instance in capital letters."""
    return " ".join(sorted(node.upper() if promoted else node for node, promoted in nodes or ())) or "no node"


def changes_after_export(found: Planned) -> list[str]:
    """Return the changes that a plan of the exported CIB has."""
    exported, _ = exportable(Cib.from_xml(etree.tostring(found.pushed)))
    again = make_plan(found.pushed, document.load(document.dump(exported)), PlanOptions(adopt=True))
    return [f"{each.action} {each.key}" for each in again.plan.object_changes]


def wrong_survival(cib: etree._Element) -> list[str]:
    """Compare the survival check with a failure of each node in turn."""
    content = brute_force.all_online(cib)
    members = [str(each.get("uname")) for each in content.iterfind("status/node_state")]
    with TemporaryDirectory() as directory:
        path = Path(directory, "cib.xml")
        path.write_bytes(etree.tostring(cib))
        desired = Cib.from_xml(etree.tostring(cib))
        try:
            cluster = connect(Target(cib_file=str(path)))
            survival = check_survival(cluster, desired, name="x", options=PlanOptions(), failed_nodes=1)
        except (InputError, ClusterError) as error:
            if len(members) < 2 and str(error).endswith(f"the cluster has only {len(members)}"):
                return []
            raise Refused(str(error)) from None
    healthy, before = brute_force.settle(content)
    found = []
    for failure, outcome in survival.outcomes:
        (name,) = failure.nodes
        if name not in members:
            continue
        said = {each.service for each in outcome if each.what != "cannot be fenced"}
        quorum = (len(members) - 1) * 2 > len(members)
        _, after = brute_force.simulate(brute_force.lose(healthy, name, quorum=quorum))
        left = brute_force.running(after, without=name)
        for service, nodes in brute_force.stopping(after).items():
            left[service] = left.get(service, set()) - nodes
        left = brute_force.whole_bundles({key: nodes for key, nodes in left.items() if nodes}, after)
        fencing = brute_force.is_fencing(after)
        lost = {
            service
            for service, nodes in before.items()
            if service not in fencing
            and (
                service not in left
                or (any(promoted for _, promoted in nodes) and not any(p for _, p in left[service]))
            )
        }
        if lost != said:
            found.append(f"without {name}: stopped {sorted(lost - said)}, not stopped {sorted(said - lost)}")
    return found


def changed(cib: etree._Element, chance: random.Random) -> etree._Element:
    """Return a copy of a CIB with a small random change of its resources."""
    copy = etree.fromstring(etree.tostring(cib))
    configuration = copy.find("configuration")
    resources = configuration.findall("resources/*[@id]")
    members = [each.get("uname") for each in configuration.iterfind("nodes/node")]
    primitives = list(configuration.iterfind("resources//primitive"))
    kind = chance.choice(["add", "stop", "ban", "remove", "parameter", "property"])
    if kind == "add" or not primitives or not members:
        new = '<primitive id="pcs-os-new" class="ocf" provider="pacemaker" type="Dummy"/>'
        configuration.find("resources").append(etree.fromstring(new))
    elif kind == "remove" and (lone := [each for each in resources if not named(configuration, each)]):
        configuration.find("resources").remove(chance.choice(lone))
    elif kind == "stop":
        meta = etree.Element("meta_attributes", id="pcs-os-meta")
        etree.SubElement(meta, "nvpair", id="pcs-os-meta-role", name="target-role", value="Stopped")
        chance.choice(primitives).insert(0, meta)
    elif kind == "parameter":
        found = etree.Element("instance_attributes", id="pcs-os-params")
        etree.SubElement(found, "nvpair", id="pcs-os-params-new", name="new", value="1")
        chance.choice(primitives).insert(0, found)
    elif kind == "property":
        found = etree.SubElement(configuration.find("crm_config"), "cluster_property_set", id="pcs-os-set")
        etree.SubElement(found, "nvpair", id="pcs-os-stop", name="stop-all-resources", value="true")
    else:
        constraints = configuration.find("constraints")
        rsc, node = chance.choice(resources).get("id"), chance.choice(members)
        etree.SubElement(constraints, "rsc_location", id="pcs-os-ban", rsc=rsc, node=node, score="-INFINITY")
    return copy


def named(configuration: etree._Element, resource: etree._Element) -> bool:
    """Return whether anything names a resource or a part of it."""
    ids = {str(each.get("id")) for each in resource.iter("*") if each.get("id")}
    return any(
        value in ids
        for each in configuration.iter("*")
        if each is not resource and resource not in each.iterancestors()
        for value in each.attrib.values()
    )


def plan_of_a_change(cib: etree._Element, chance: random.Random) -> Planned:
    """Plan a small random change of a cluster with its status."""
    desired = Cib.from_xml(etree.tostring(changed(cib, chance)))
    return make_plan(cib, desired, PlanOptions(authoritative=True))
