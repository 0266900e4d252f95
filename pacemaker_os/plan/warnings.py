"""Warnings about a planned configuration that Pacemaker accepts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree.fencing import fencing_is_on, has_fencing_device
from pacemaker_os.cib.values import boolean

#: The former and the current name of the property.
_STOP_ORPHANS = ("stop-orphan-resources", "stop-removed-resources")


def warnings(cib: etree._Element) -> Iterator[str]:
    """Yield a warning for each setting that stops services or leaves them behind."""
    resources = cib.find("configuration/resources")
    if resources is not None and len(resources) and not has_fencing_device(cib) and fencing_is_on(cib):
        yield (
            "fencing is enabled but no fencing device is configured: Pacemaker starts no resources until "
            "you configure one or set stonith-enabled to false"
        )
    if not _orphans_are_stopped(cib):
        yield "stop-orphan-resources is false: a running resource keeps running after you remove it"


def _orphans_are_stopped(cib: etree._Element) -> bool:
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair")
    values = [pair.get("value", "") for pair in pairs if pair.get("name") in _STOP_ORPHANS]
    return not values or boolean(values[0]) is not False
