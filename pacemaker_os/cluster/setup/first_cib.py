"""The initial CIB of a new cluster, which avoids a wait of 20 s before the first election.

A starting controller waits `dc-deadtime` (default: 20 s) for a DC before it starts an election (Pacemaker
Explained, "Cluster Options"). A new cluster has no DC yet.
"""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cluster.setup.facts import CIB
from pacemaker_os.transport.base import Transport

_DEADTIME = "1s"

#: This id distinguishes the short dc-deadtime from one that a user configured.
_ID = "pcs-os-first-election"


def put_first_cib(transport: Transport) -> None:
    """Write an empty CIB with a short dc-deadtime to a node that has no CIB."""
    if transport.run(["test", "-e", CIB], ok=(0, 1)).status == 0:
        return
    cib = etree.fromstring(transport.run(["cibadmin", "--empty"]).stdout)
    properties = etree.SubElement(
        _child(cib, "configuration/crm_config"), "cluster_property_set", id="cib-bootstrap-options"
    )
    etree.SubElement(properties, "nvpair", id=_ID, name="dc-deadtime", value=_DEADTIME)
    transport.put(etree.tostring(cib), CIB, mode=0o600, owner="hacluster:haclient")


def drop_short_election(transport: Transport) -> None:
    """Restore the default of dc-deadtime after the first election."""
    transport.run(["cibadmin", "--delete", "--xml-text", f'<nvpair id="{_ID}"/>'])


def _child(element: etree._Element, path: str) -> etree._Element:
    child = element.find(path)
    assert child is not None, f"an empty CIB has {path}"
    return child
