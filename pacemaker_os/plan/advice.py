"""Advice about changes that Pacemaker accepts: what a plan takes away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from pacemaker_os.cib.tree.bundles import bundle_nodes
from pacemaker_os.cib.tree.fencing import connections, fencing_is_on, has_fencing_device
from pacemaker_os.cib.tree.pairs import possible_values
from pacemaker_os.cib.tree.properties import possible_property
from pacemaker_os.cib.tree.vocabulary import NODE_ATTRIBUTES, RESOURCE_TAGS
from pacemaker_os.cib.values import boolean, role
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.text import did_you_mean, fold


def advice(live: etree._Element, target: etree._Element, changes: Iterable[ConfigChange]) -> Iterator[str]:
    """Yield advice about the changes that turn the `<cib>` `live` into `target`."""
    if has_fencing_device(live) and not has_fencing_device(target):
        yield (
            "the last fencing device is removed: Pacemaker starts no resources without another one"
            if fencing_is_on(target)
            else "the last fencing device is removed: failed nodes are no longer fenced"
        )
    yield from _unmanaged_removals(live, target)
    yield from _unknown_nodes(changes, _nodes(target))


def stays_stopped(before: Simulation, after: Simulation) -> Iterator[str]:
    """Yield advice about new resources that their target-role does not let run, or be promoted."""
    known = {state.name for state in before.resources}
    new = [state for state in after.resources if state.name not in known and not state.orphaned]
    starting = {action.resource.split(":")[0] for action in after.actions if action.node}
    for wanted, what in (("Stopped", "started"), ("Unpromoted", "promoted")):
        names = {
            state.name
            for state in new
            if role(state.target_role) == wanted and (wanted != "Stopped" or state.name not in starting)
        }
        if names:
            yield f"{fold(names)}: not {what}, because of target-role {wanted}"


def _unmanaged_removals(live: etree._Element, target: etree._Element) -> Iterator[str]:
    """Yield advice about removed resources that Pacemaker does not manage."""
    remaining = {each.get("id") for each in target.iterfind("configuration/resources//primitive")}
    configuration = target.find("configuration")
    maintenance = possible_property(configuration, "maintenance-mode")
    defaults = possible_values(target.find("configuration/rsc_defaults"), "meta_attributes", ("is-managed",))
    keeps = any(map(boolean, maintenance)) or any(boolean(value) is False for value in defaults)
    for primitive in live.iterfind("configuration/resources//primitive"):
        name = primitive.get("id")
        if name in remaining or not (keeps or _is_unmanaged(primitive)):
            continue
        if keeps:
            yield f"{name} is unmanaged: if it is running, it keeps running after its removal"
        else:
            yield (
                f"{name} is unmanaged: if it is running, Pacemaker stops it after its removal; only in "
                "maintenance mode, it keeps running"
            )


def _is_unmanaged(primitive: etree._Element) -> bool:
    around = [primitive, *(each for each in primitive.iterancestors() if each.tag in RESOURCE_TAGS)]
    for name, unmanaged in (("is-managed", False), ("maintenance", True)):
        # A resource without a value of its own has that of the resource around it.
        values = (possible_values(each, "meta_attributes", (name,)) for each in around)
        if any(boolean(value) is unmanaged for value in next(filter(None, values), ())):
            return True
    return False


def _nodes(cib: etree._Element) -> set[str]:
    """Return the names of all nodes, with remote nodes, guest nodes and those of bundles."""
    guests = cib.iterfind("configuration/resources//nvpair[@name='remote-node']")
    names = [
        *(node.get("uname") for node in cib.iterfind("configuration/nodes/node")),
        *connections(cib),
        *(pair.get("value") for pair in guests),
        *(name for bundle in cib.iterfind("configuration/resources/bundle") for name in bundle_nodes(bundle)),
    ]
    return {name for name in names if name}


def _unknown_nodes(changes: Iterable[ConfigChange], nodes: set[str]) -> Iterator[str]:
    """Yield advice about new constraints and fencing levels that name a node that does not exist."""
    if not nodes:
        return
    known = {name.casefold() for name in nodes}
    for change in changes:
        if change.new is None or change.section not in ("constraints", "fencing-topology"):
            continue
        element = etree.fromstring(change.new)
        for name in (element.get(each) for each in NODE_ATTRIBUTES):
            if name and name.casefold() not in known:
                remedy = did_you_mean(name, sorted(nodes)) or ""
                yield f"{change.kind} '{change.name}' names the unknown node '{name}'{remedy}"
