"""The fencing configuration: whether fencing is enabled, and which device fences which node."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.values import boolean

#: The current and the new name of the property that enables fencing.
_FENCING_ENABLED = ("stonith-enabled", "fencing-enabled")

#: The parameters that list the nodes of a fencing device (Pacemaker Explained, "Fencing").
_HOSTS = ("pcmk_host_list", "pcmk_host_map")


def configures_fencing(cib: etree._Element) -> bool:
    """Return whether the configuration has a fencing device or enables or disables fencing explicitly."""
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair")
    return has_fencing_device(cib) or any(pair.get("name") in _FENCING_ENABLED for pair in pairs)


def has_fencing_device(cib: etree._Element) -> bool:
    """Return whether a fencing device is configured."""
    return cib.find("configuration/resources//primitive[@class='stonith']") is not None


def fencing_is_on(cib: etree._Element) -> bool:
    """Return whether fencing is enabled, which is the default."""
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair")
    values = [p.get("value", "") for p in pairs if p.get("name") in _FENCING_ENABLED]
    return not values or boolean(values[0]) is not False


def hosts(device: etree._Element) -> set[str]:
    """Return the nodes that a device lists; none if it can fence every node."""
    values = (p.get("value", "") for p in device.iter("nvpair") if p.get("name") in _HOSTS)
    entries = (entry for value in values for entry in value.replace(";", " ").replace(",", " ").split())
    return {entry.partition(":")[0] for entry in entries}


def connections(cib: etree._Element) -> dict[str, etree._Element]:
    """Return the connection resources of remote nodes, by the name of the node."""
    found = cib.iterfind("configuration/resources//primitive[@type='remote']")
    return {str(each.get("id")): each for each in found if each.get("provider") == "pacemaker"}
