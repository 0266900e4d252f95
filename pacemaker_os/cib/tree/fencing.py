"""Fencing as the configuration says it: whether it is on, and which device is for which node."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.values import boolean

#: Whether there is fencing at all, by the old name and by the new.
_SWITCH = ("stonith-enabled", "fencing-enabled")

#: Where a fencing device says whom it can fence (Pacemaker Explained, "Fencing").
_HOSTS = ("pcmk_host_list", "pcmk_host_map")


def fencing_is_said(cib: etree._Element) -> bool:
    """Whether the configuration says how nodes are fenced, or that they are not."""
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair")
    return has_fencing_device(cib) or any(pair.get("name") in _SWITCH for pair in pairs)


def has_fencing_device(cib: etree._Element) -> bool:
    """Whether any fencing device is configured."""
    return cib.find("configuration/resources//primitive[@class='stonith']") is not None


def fencing_is_on(cib: etree._Element) -> bool:
    """Whether nodes that are lost are fenced: it is so unless the configuration says no."""
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair")
    said = [p.get("value", "") for p in pairs if p.get("name") in _SWITCH]
    return not said or boolean(said[0]) is not False


def hosts(device: etree._Element) -> set[str]:
    """The nodes that a device names; none when it is for all of them."""
    values = (p.get("value", "") for p in device.iter("nvpair") if p.get("name") in _HOSTS)
    words = (word for value in values for word in value.replace(";", " ").replace(",", " ").split())
    return {word.partition(":")[0] for word in words}


def connections(cib: etree._Element) -> dict[str, etree._Element]:
    """The connections to remote nodes, by the names of the nodes."""
    found = cib.iterfind("configuration/resources//primitive[@type='remote']")
    return {str(each.get("id")): each for each in found if each.get("provider") == "pacemaker"}
