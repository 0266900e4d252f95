"""Warnings about a planned configuration that Pacemaker accepts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree.fencing import fencing_is_on, has_fencing_device
from pacemaker_os.cib.tree.properties import possible_property
from pacemaker_os.cib.values import boolean


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
    values = possible_property(cib.find("configuration"), "stop-orphan-resources")
    return all(boolean(value) is not False for value in values)
