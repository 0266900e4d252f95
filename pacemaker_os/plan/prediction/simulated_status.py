"""A stage for what has none: the status that a CIB on disk would have if its nodes were all there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree.fencing import connections
from pacemaker_os.cib.values import boolean

_ONLINE = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}

#: A node that is gone and was not meant to be: what it did last is unknown until it is fenced.
_LOST = {"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "member"}


def has_status(cib: etree._Element) -> bool:
    """Whether any node has ever said something of itself."""
    return cib.find("status/node_state") is not None


def all_online(cib: etree._Element) -> etree._Element:
    """A copy in which every cluster node is online with nothing running, and there is quorum.

    Remote nodes are left to the resources that connect to them.
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
    if members:
        copy.set("dc-uuid", str(members[0].get("id")))
    return with_promotion_scores(copy)


def _promotable(cib: etree._Element) -> Iterator[str]:
    """Primitives that can be promoted."""
    for clone in cib.iterfind("configuration/resources/*"):
        meta = {pair.get("name"): pair.get("value", "") for pair in clone.iterfind("meta_attributes/nvpair")}
        if clone.tag == "master" or boolean(str(meta.get("promotable", "false"))):
            yield from (str(primitive.get("id")) for primitive in clone.iter("primitive"))


def unpromoted(cib: etree._Element) -> list[str]:
    """Promotable resources of whose promotion no agent has said anything yet, on no node."""
    scores = {pair.get("name") for pair in cib.iterfind("status/node_state/transient_attributes//nvpair")}
    return [name for name in sorted(_promotable(cib)) if f"master-{name}" not in scores]


def with_promotion_scores(cib: etree._Element) -> etree._Element:
    """A copy in which such resources have the score that their agents give where all is well.

    Without one nothing is promoted, and what needs the promoted role would seem to be left stopped.
    """
    names = unpromoted(cib)
    if not names:
        return cib
    copy = deepcopy(cib)
    for state in copy.iterfind("status/node_state[@crmd='online']"):
        node = str(state.get("id"))
        transient = state.find("transient_attributes")
        if transient is None:
            transient = etree.SubElement(state, "transient_attributes", id=node)
        scores = etree.SubElement(transient, "instance_attributes", id=f"pcs-os-stage-{node}")
        for name in names:
            identifier = f"pcs-os-stage-{node}-{name}"
            etree.SubElement(scores, "nvpair", id=identifier, name=f"master-{name}", value="100")
    return copy


def without_nodes(cib: etree._Element, nodes: Collection[str], *, quorum: bool) -> etree._Element:
    """A copy in which these nodes have failed all at once, and the rest has `quorum` or has it not.

    The connection to a remote node is told to stop: what that takes away, its death does, and in a
    simulation a connection that failed would be there again at once.
    """
    copy = deepcopy(cib)
    for name, connection in connections(copy).items():
        if name in nodes:
            said = etree.Element("meta_attributes", id=f"pcs-os-stage-{name}")
            etree.SubElement(
                said, "nvpair", id=f"pcs-os-stage-{name}-role", name="target-role", value="Stopped"
            )
            # The first set that says something of a role is the one that holds.
            connection.insert(0, said)
    for state in copy.iterfind("status/node_state"):
        if state.get("uname") in nodes:
            for name, value in _LOST.items():
                state.set(name, value)
    copy.set("have-quorum", f"{quorum:d}")
    return copy


def without_status(cib: etree._Element) -> etree._Element:
    """A copy of which nobody has said anything yet."""
    copy = deepcopy(cib)
    for status in copy.findall("status"):
        copy.remove(status)
    return copy


def without_fencing(cib: etree._Element) -> etree._Element:
    """A copy in which nothing waits for fencing."""
    copy = deepcopy(cib)
    options = copy.find("configuration/crm_config")
    if options is not None:
        said = etree.SubElement(options, "cluster_property_set", id="pcs-os-stage")
        etree.SubElement(said, "nvpair", id="pcs-os-stage-fencing", name="stonith-enabled", value="false")
    return copy


def with_status_of(cib: etree._Element, other: etree._Element) -> etree._Element:
    """A copy of `cib` that has the status of `other`, and what goes with it (quorum, DC)."""
    copy = deepcopy(cib)
    for status in copy.findall("status"):
        copy.remove(status)
    for status in other.findall("status"):
        copy.append(deepcopy(status))
    for name in ("have-quorum", "dc-uuid"):
        if other.get(name) is not None:
            copy.set(name, str(other.get(name)))
    return copy
