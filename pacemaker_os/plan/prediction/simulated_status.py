"""Simulated status: statuses for CIBs that have none, and for failed nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree.bundles import bundle_nodes, promoted_replicas
from pacemaker_os.cib.tree.fencing import connections
from pacemaker_os.cib.tree.node_state import has_controller
from pacemaker_os.cib.tree.pairs import possible_values
from pacemaker_os.cib.values import boolean

_ONLINE = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}

#: A node that left unexpectedly. The state of its resources is unknown until it is fenced.
_FAILED = {"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "member"}

#: Results of operations on running resources: success, promoted, and the degraded forms of both.
_RUNNING = frozenset({"0", "8", "190", "191"})

#: The prefix of the ids of simulated elements.
_ID = "pcs-os-stage"


def has_status(cib: etree._Element) -> bool:
    """Return whether the CIB contains the status of at least one node."""
    return cib.find("status/node_state") is not None


def has_removed_namesakes(cib: etree._Element) -> bool:
    """Return whether a primitive that is not configured has a history, and its name is used otherwise."""
    configured = {str(each.get("id")) for each in cib.iterfind("configuration/resources//primitive")}
    histories = cib.iterfind("status/node_state/lrm/lrm_resources/lrm_resource")
    removed = {str(each.get("id")).partition(":")[0] for each in histories} - configured
    elements = cib.iterfind("configuration//*") if removed else ()
    return any(value in removed for element in elements for value in element.attrib.values())


def all_online(cib: etree._Element) -> etree._Element:
    """Return a copy in which every cluster node is online, runs no resources, and has quorum.

    Remote nodes come online through the resources that connect to them. The DC stays the same if the CIB
    names one of its nodes.
    """
    copy = deepcopy(cib)
    members = [node for node in copy.iterfind("configuration/nodes/node") if node.get("type") != "remote"]
    status = copy.find("status")
    if status is None:
        status = etree.SubElement(copy, "status")
    for node in members:
        identity = {"id": str(node.get("id")), "uname": str(node.get("uname"))}
        state = etree.SubElement(status, "node_state", {**identity, **_ONLINE})
        lrm = etree.SubElement(state, "lrm", id=identity["id"])
        etree.SubElement(lrm, "lrm_resources")
    copy.set("have-quorum", "1")
    _elect_dc(copy, [str(node.get("id")) for node in members])
    return with_promotion_scores(copy, unpromoted(copy))


def _elect_dc(cib: etree._Element, online: Sequence[str]) -> None:
    """Make a node that is online the DC, unless one already is. Rules can read which node it is (#is_dc)."""
    if online and cib.get("dc-uuid") not in online:
        cib.set("dc-uuid", online[0])


def dc_of_rules(cib: etree._Element) -> str:
    """Return the name of the DC if a rule depends on it, or an empty text."""
    if cib.find("configuration//expression[@attribute='#is_dc']") is None:
        return ""
    nodes = cib.iterfind("configuration/nodes/node")
    return next((node.get("uname", "") for node in nodes if node.get("id") == cib.get("dc-uuid")), "")


def _promotable(cib: etree._Element) -> Iterator[str]:
    """Yield the promotable primitives."""
    for resource in cib.iterfind("configuration/resources/*"):
        values = possible_values(resource, "meta_attributes", ("promotable",))
        if (
            resource.tag == "master"
            or any(map(boolean, values))
            or (resource.tag == "bundle" and promoted_replicas(resource))
        ):
            yield from (str(primitive.get("id")) for primitive in resource.iter("primitive"))


def unpromoted(cib: etree._Element) -> list[str]:
    """Return the promotable primitives that have no promotion score on any node."""
    scores = {pair.get("name") for pair in cib.iterfind("status/node_state/transient_attributes//nvpair")}
    return [name for name in sorted(_promotable(cib)) if f"master-{name}" not in scores]


def starting_unpromoted(cib: etree._Element, live: etree._Element | None = None) -> list[str]:
    """Return those of them that are stopped, or not promotable yet in the `<cib>` `live`.

    Their agents could not set a promotion score yet.
    """
    before = set(_promotable(cib if live is None else live))
    return [name for name in unpromoted(cib) if name not in before or not _runs(cib, name)]


def _runs(cib: etree._Element, name: str) -> bool:
    """Return whether the last operation of a primitive left it running on a node."""
    for history in cib.iterfind("status/node_state/lrm/lrm_resources/lrm_resource"):
        if str(history.get("id")).split(":")[0] == name and len(history):
            last = max(history, key=lambda each: int(each.get("call-id", "-1") or -1))
            if last.get("operation") != "stop" and last.get("rc-code") in _RUNNING:
                return True
    return False


def with_promotion_scores(cib: etree._Element, names: Collection[str]) -> etree._Element:
    """Return a copy in which these primitives have the promotion score that a healthy agent sets.

    Without a score, the scheduler promotes no instance, and resources that depend on the promoted role
    would seem unable to run.
    """
    if not names:
        return cib
    copy = deepcopy(cib)
    scored = [(state, names) for state in filter(has_controller, copy.iterfind("status/node_state"))]
    scored += [
        (_state_of_guest(copy, node), [name])
        for bundle in copy.iterfind("configuration/resources/bundle")
        for name in [primitive.get("id", "") for primitive in bundle.iterfind("primitive")]
        if name in names
        for node in bundle_nodes(bundle)
    ]
    for state, promotable in scored:
        node = str(state.get("id"))
        transient = state.find("transient_attributes")
        if transient is None:
            transient = etree.SubElement(state, "transient_attributes", id=node)
        scores = etree.SubElement(transient, "instance_attributes", id=f"{_ID}-{node}")
        for name in promotable:
            identifier = f"{_ID}-{node}-{name}"
            etree.SubElement(scores, "nvpair", id=identifier, name=f"master-{name}", value="100")
    return copy


def _state_of_guest(cib: etree._Element, name: str) -> etree._Element:
    """Return the state of a guest node, which is added if the status does not contain it."""
    status = cib.find("status")
    if status is None:
        status = etree.SubElement(cib, "status")
    found = next((each for each in status.iterfind("node_state") if each.get("uname") == name), None)
    if found is None:
        found = etree.SubElement(status, "node_state", id=name, uname=name, remote_node="true")
    return found


def without_nodes(cib: etree._Element, nodes: Collection[str], *, quorum: bool) -> etree._Element:
    """Return a copy in which these nodes have failed at the same time, and the others have `quorum` or not.

    The connection to a failed remote node gets the target-role Stopped. That stops the same resources as a
    failure of the node, but in a simulation a failed connection would be restored immediately.
    """
    copy = deepcopy(cib)
    for name, connection in connections(copy).items():
        if name in nodes:
            meta = etree.Element("meta_attributes", id=f"{_ID}-{name}")
            etree.SubElement(meta, "nvpair", id=f"{_ID}-{name}-role", name="target-role", value="Stopped")
            # The first set that contains a name takes precedence.
            connection.insert(0, meta)
    for state in copy.iterfind("status/node_state"):
        if state.get("uname") in nodes:
            for name, value in _FAILED.items():
                state.set(name, value)
    _elect_dc(
        copy, [str(each.get("id")) for each in filter(has_controller, copy.iterfind("status/node_state"))]
    )
    copy.set("have-quorum", f"{quorum:d}")
    return copy


def without_status(cib: etree._Element) -> etree._Element:
    """Return a copy without a status."""
    copy = deepcopy(cib)
    for status in copy.findall("status"):
        copy.remove(status)
    return copy


def without_fencing(cib: etree._Element) -> etree._Element:
    """Return a copy with fencing disabled, so that no action waits for it."""
    copy = deepcopy(cib)
    options = copy.find("configuration/crm_config")
    if options is not None:
        properties = etree.SubElement(options, "cluster_property_set", id=_ID)
        etree.SubElement(properties, "nvpair", id=f"{_ID}-fencing", name="stonith-enabled", value="false")
    return copy


def with_status_of(cib: etree._Element, other: etree._Element) -> etree._Element:
    """Return a copy of `cib` with the status, the quorum and the DC of `other`."""
    copy = deepcopy(cib)
    for status in copy.findall("status"):
        copy.remove(status)
    for status in other.findall("status"):
        copy.append(deepcopy(status))
    for name in ("have-quorum", "dc-uuid"):
        if other.get(name) is not None:
            copy.set(name, str(other.get(name)))
    return copy
