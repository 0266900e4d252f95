"""What is strange in a planned configuration, though Pacemaker takes it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree.fencing import fencing_is_on, has_fencing_device
from pacemaker_os.cib.values import boolean


def warnings(cib: etree._Element) -> Iterator[str]:
    """Yield a sentence for each thing that an operator would want to be told."""
    resources = cib.find("configuration/resources")
    if resources is not None and len(resources) and not has_fencing_device(cib) and fencing_is_on(cib):
        yield (
            "fencing is on and no fencing device is configured: Pacemaker starts nothing until there is one, "
            "or stonith-enabled is false"
        )
    if not _orphans_are_stopped(cib):
        yield "stop-orphan-resources is false: a resource that is removed while it runs goes on running"


_ORPHANS = ("stop-orphan-resources", "stop-removed-resources")


def _orphans_are_stopped(cib: etree._Element) -> bool:
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair")
    said = [pair.get("value", "") for pair in pairs if pair.get("name") in _ORPHANS]
    return not said or boolean(said[0]) is not False
