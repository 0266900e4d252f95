"""Pacemaker's own opinion of a document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.fencing import configures_fencing
from pacemaker_os.cib.tree.vocabulary import REFERENCE_TAGS
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.document import Document
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.verification import Verification, element_origins, verification

#: Nodes of a document that declares none.
_NODES = ("node1", "node2", "node3")


def verify_document(scheduler: Scheduler, document: Document) -> tuple[Verification, ...]:
    """Return what Pacemaker finds in a document on a new cluster with all nodes online.

    Names that other documents own (`uses:`) stand for resources. Raises ClusterError, TransportError.
    """
    cib = _new_cluster(scheduler, document.cib)
    _add_used(cib, document.uses)
    if not configures_fencing(cib):
        cib = simulated_status.without_fencing(cib)
    messages = scheduler.run(simulated_status.all_online(cib)).messages
    return verification(messages, (), content.configuration(cib), element_origins(document.cib))


def _new_cluster(scheduler: Scheduler, desired: Cib) -> etree._Element:
    """Return a `<cib>` with a configuration, as if it were the first one of a cluster."""
    empty = parse_cib(scheduler.transport.run(["cibadmin", "--empty"]).stdout)
    if desired.validate_with is None:
        desired = replace(desired, attributes=tuple(content.attributes(empty).items()))
    cib = content.with_configuration(empty, desired.to_element())
    cib.set("validate-with", str(desired.validate_with))
    nodes = cib.find("configuration/nodes")
    assert nodes is not None, "every configuration has <nodes>"
    for node in nodes:
        # In a document, a node has the id that corosync gives it only if the document says so.
        node.set("id", node.get("id") or str(node.get("uname")))
    if all(node.get("type") == "remote" for node in nodes):
        for name in _NODES:
            etree.SubElement(nodes, "node", id=name, uname=name)
    return cib


def _add_used(cib: etree._Element, names: Iterable[str]) -> None:
    """Add a resource for each name that the configuration lacks."""
    resources = cib.find("configuration/resources")
    assert resources is not None, "every configuration has <resources>"
    identified = cib.iterfind("configuration//*[@id]")
    known = {each.get("id") for each in identified if each.tag not in REFERENCE_TAGS}
    for name in names:
        if name not in known:
            attributes = {"id": name, "class": "ocf", "provider": "pacemaker", "type": "Dummy"}
            etree.SubElement(resources, "primitive", attributes)
