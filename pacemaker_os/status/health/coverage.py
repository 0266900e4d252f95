"""The fencing devices of each node, according to the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree.fencing import hosts
from pacemaker_os.cib.values import boolean, role
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """The devices that can fence a node; `certain` is False if a device itself decides that at run time."""

    node: str
    devices: tuple[str, ...]
    certain: bool = True


def coverage(cib: etree._Element) -> Iterator[Coverage]:
    """Yield the devices of each cluster node and remote node of a `<cib>`.

    A guest node needs no device: Pacemaker fences it by stopping its resource. Source: Pacemaker Explained,
    "Fencing", for the parameters pcmk_host_* and for topologies.
    """
    devices = cib.iterfind("configuration/resources//primitive[@class='stonith']")
    enabled = [each for each in devices if not _is_disabled(each)]
    everywhere = ("watchdog",) if _uses_watchdog(cib) else ()
    for name in _nodes(cib):
        found = {str(each.get("id")) for each in enabled if _may_fence(each, name)}
        certain = all(_is_certain(each) for each in enabled if each.get("id") in found)
        levels = list(_levels(cib, name))
        if levels:
            complete = [level for level in levels if set(level) <= found]
            found = {device for level in complete for device in level}
        yield Coverage(name, (*sorted(found), *everywhere), certain or not found)


def _nodes(cib: etree._Element) -> list[str]:
    """Return the cluster nodes and the remote nodes."""
    members = (each.get("uname", "") for each in cib.iterfind("configuration/nodes/node"))
    primitives = cib.iterfind("configuration/resources//primitive[@provider='pacemaker'][@type='remote']")
    remotes = [str(each.get("id")) for each in primitives]
    guests = {
        str(pair.get("value"))
        for pair in cib.iterfind("configuration/resources//meta_attributes/nvpair[@name='remote-node']")
    }
    return [name for name in dict.fromkeys([*members, *remotes]) if name and name not in guests]


def _is_disabled(device: etree._Element) -> bool:
    values = {pair.get("name"): pair.get("value", "") for pair in device.iterfind("meta_attributes/nvpair")}
    return role(values.get("target-role", "")) == "Stopped"


def _uses_watchdog(cib: etree._Element) -> bool:
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair")
    values = {pair.get("name"): pair.get("value", "") for pair in pairs}
    timeout = values.get("fencing-watchdog-timeout") or values.get("stonith-watchdog-timeout") or "0"
    return boolean(values.get("have-watchdog", "")) is True and not re.fullmatch(r"0\s*[a-z]*", timeout)


def _parameters(device: etree._Element) -> dict[str, str]:
    found = device.iterfind("instance_attributes/nvpair")
    return {str(pair.get("name")): pair.get("value", "") for pair in found}


def _check(device: etree._Element) -> str:
    """Return how the nodes of a device are determined: static-list, none, dynamic-list or status."""
    parameters = _parameters(device)
    listed = parameters.get("pcmk_host_list") or parameters.get("pcmk_host_map")
    return parameters.get("pcmk_host_check") or ("static-list" if listed else "dynamic-list")


def _may_fence(device: etree._Element, node: str) -> bool:
    if _check(device) != "static-list":
        return True
    return node.lower() in {name.lower() for name in hosts(device)}


def _is_certain(device: etree._Element) -> bool:
    return _check(device) in ("static-list", "none")


def _levels(cib: etree._Element, node: str) -> Iterator[list[str]]:
    """Yield the devices of each fencing level of a node."""
    for level in cib.iterfind("configuration/fencing-topology/fencing-level"):
        pattern, attribute = level.get("target-pattern"), level.get("target-attribute")
        matches = level.get("target", "").lower() == node.lower()
        if pattern is not None:
            try:
                matches = re.search(pattern, node, re.IGNORECASE) is not None
            except re.error:
                matches = False
        if attribute is not None:
            matches = _attribute(cib, node, attribute) == level.get("target-value")
        if matches:
            yield [each.strip() for each in level.get("devices", "").split(",") if each.strip()]


def _attribute(cib: etree._Element, node: str, name: str) -> str | None:
    for each in cib.iterfind("configuration/nodes/node"):
        if each.get("uname") == node:
            for pair in each.iterfind("instance_attributes/nvpair"):
                if pair.get("name") == name:
                    return pair.get("value")
    return None


def untested(cib: etree._Element) -> tuple[str, ...]:
    """Return the enabled devices whose monitor never succeeded, as far as is known.

    Pacemaker keeps the last operation of each kind per node; the start of a device includes a monitor.
    """
    worked = set()
    for resource in cib.iterfind("status/node_state/lrm/lrm_resources/lrm_resource[@class='stonith']"):
        for operation in resource.iterfind("lrm_rsc_op"):
            ran = operation.get("operation") in ("start", "monitor") and operation.get("op-status") == "0"
            if ran and operation.get("rc-code") == "0":
                worked.add(resource.get("id", ""))
    devices = cib.iterfind("configuration/resources//primitive[@class='stonith']")
    return tuple(
        name for each in devices if (name := str(each.get("id"))) not in worked and not _is_disabled(each)
    )
