"""The fencing configuration: whether fencing is enabled, and which device fences which node."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree.pairs import possible_values
from pacemaker_os.cib.tree.properties import possible_property
from pacemaker_os.cib.values import boolean

#: The parameters that list the nodes of a fencing device (Pacemaker Explained, "Fencing").
_HOSTS = ("pcmk_host_list", "pcmk_host_map")


def configures_fencing(cib: etree._Element) -> bool:
    """Return whether the configuration has a fencing device or enables or disables fencing explicitly."""
    return has_fencing_device(cib) or bool(_fencing_enabled(cib))


def has_fencing_device(cib: etree._Element) -> bool:
    """Return whether a fencing device is configured."""
    return cib.find("configuration/resources//primitive[@class='stonith']") is not None


def fencing_is_on(cib: etree._Element) -> bool:
    """Return whether fencing is enabled, which is the default, or can be, depending on a rule."""
    values = _fencing_enabled(cib)
    return not values or any(boolean(value) is not False for value in values)


def _fencing_enabled(cib: etree._Element) -> list[str]:
    return possible_property(cib.find("configuration"), "stonith-enabled")


def hosts(device: etree._Element) -> set[str]:
    """Return the nodes that a device lists; none if it can fence every node."""
    values = (value for name in _HOSTS for value in possible_values(device, "instance_attributes", (name,)))
    entries = (entry for value in values for entry in value.replace(";", " ").replace(",", " ").split())
    return {entry.partition(":")[0] for entry in entries}


def connections(cib: etree._Element) -> dict[str, etree._Element]:
    """Return the connection resources of remote nodes, by the name of the node."""
    found = cib.iterfind("configuration/resources//primitive[@type='remote']")
    return {str(each.get("id")): each for each in found if each.get("provider") == "pacemaker"}
