"""Decode the tree of a document into a CIB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lxml import etree

from pacemaker_os.cib import Cib, Opaque
from pacemaker_os.cib.nvsets import (
    FIRST_PROPERTY_SET,
    NvPair,
    OperationDefaults,
    PropertySet,
    ResourceDefaults,
)
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.document.forms.acls import decode_acls
from pacemaker_os.document.forms.alerts import decode_alerts
from pacemaker_os.document.forms.constraints import CLASSES, decode_constraints
from pacemaker_os.document.forms.element import xml_text
from pacemaker_os.document.forms.fencing import decode_fencing
from pacemaker_os.document.forms.nodes import decode_nodes
from pacemaker_os.document.forms.nvsets import decode_sets_of
from pacemaker_os.document.forms.primitives import decode_template
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.resources import decode_resource
from pacemaker_os.document.forms.tags import decode_tags
from pacemaker_os.document.yaml.tree import Mapping, Node
from pacemaker_os.text import did_you_mean

#: Keys about the document itself; `load` reads them.
ABOUT = ("name", "cluster", "schema", "uses", "include", "vars")

_DEFAULTS: dict[str, Any] = {"resources": ResourceDefaults, "operations": OperationDefaults}


def decode_cib(tree: Mapping, reader: Reader) -> Cib:
    """Return the CIB that `tree` declares; problems are added to those of the reader."""
    for name, key, _ in tree:
        if name not in SECTIONS and name not in ABOUT:
            known = (*SECTIONS, *ABOUT)
            remedy = did_you_mean(name, known) or f"; supported keys: {', '.join(known)}"
            reader.problem(key, f"unknown top-level key '{name}'{remedy}", "unknown-key")
    cib = Cib(origin=tree.origin)
    for name, section in SECTIONS.items():
        node = tree.get(name)
        if node is not None:
            cib = section(cib, node, reader)
    return _with_cluster_name(cib, tree, reader)


def _properties(cib: Cib, node: Node, reader: Reader) -> Cib:
    sets = decode_sets_of(PropertySet, node, reader, "'properties'")
    if isinstance(node, Mapping):
        sets = tuple(replace(each, id=FIRST_PROPERTY_SET) for each in sets)
    return replace(cib, property_sets=sets)


def _with_cluster_name(cib: Cib, tree: Mapping, reader: Reader) -> Cib:
    """Return `cib` with `cluster: NAME` as the property cluster-name, which Pacemaker sets from corosync."""
    node = tree.get("cluster")
    if node is None:
        return cib
    pair = NvPair(name="cluster-name", value=reader.text(node, "'cluster'"), origin=node.origin)
    first, *rest = cib.property_sets or (PropertySet(id=FIRST_PROPERTY_SET, origin=node.origin),)
    return replace(cib, property_sets=(replace(first, nvpairs=(pair, *first.nvpairs)), *rest))


def _defaults(cib: Cib, node: Node, reader: Reader) -> Cib:
    found: dict[str, tuple[Any, ...]] = {}
    for name, key, value in reader.mapping(node, "'defaults'"):
        if name in _DEFAULTS:
            found[name] = decode_sets_of(_DEFAULTS[name], value, reader, f"'{name}'")
        else:
            remedy = did_you_mean(name, _DEFAULTS) or f"; supported keys: {', '.join(_DEFAULTS)}"
            reader.problem(key, f"unknown key '{name}' in 'defaults'{remedy}", "unknown-key")
    return replace(
        cib, resource_defaults=found.get("resources", ()), operation_defaults=found.get("operations", ())
    )


def _templates(cib: Cib, node: Node, reader: Reader) -> Cib:
    items = reader.mapping(node, "'templates'")
    decoded = tuple(decode_template(name, key, value, reader) for name, key, value in items)
    return replace(cib, resources=(*decoded, *cib.resources))


def _resources(cib: Cib, node: Node, reader: Reader) -> Cib:
    items = reader.mapping(node, "'resources'")
    classes = (Primitive, Group, Clone, Bundle)
    decoded = tuple(decode_resource(name, key, value, reader, classes) for name, key, value in items)
    cib = replace(cib, resources=(*cib.resources, *decoded))
    fencing = {each.id for each in cib.resources if isinstance(each, Template) and each.class_ == "stonith"}
    for resource in decoded:
        if isinstance(resource, Clone) and resource.child is not None:
            reader.clones[resource.child.id or ""] = resource.id or ""
        inner = resource.child if isinstance(resource, Clone) else resource
        is_fencing = isinstance(inner, Primitive) and (inner.class_ == "stonith" or inner.template in fencing)
        if not is_fencing:
            reader.services.append(resource.id or "")
    return cib


def _constraints(section: str) -> Callable[[Cib, Node, Reader], Cib]:
    def read(cib: Cib, node: Node, reader: Reader) -> Cib:
        decoded = decode_constraints(section, node, reader)
        return replace(cib, constraints=(*cib.constraints, *decoded))

    return read


def _unknown(cib: Cib, node: Node, reader: Reader) -> Cib:
    """Return `cib` with the XML of what the model has no class for.

    Each key names a section; `configuration` lists whole sections.
    """
    opaque: list[Opaque] = []
    sections: list[str] = []
    for section, _, value in reader.mapping(node, "'unknown'"):
        for item in reader.sequence(value, f"'{section}'"):
            xml = xml_text(item, reader)
            if xml is None:
                continue
            if section == "configuration":
                sections.append(xml)
            else:
                root = etree.fromstring(xml)
                opaque.append(
                    Opaque(section=section, tag=str(root.tag), id=root.get("id"), xml=xml, origin=item.origin)
                )
    return replace(cib, opaque=tuple(opaque), unknown_elements=tuple(sections))


def _simple(field: str, decoder: Callable[[Node, Reader], list[Any]]) -> Callable[[Cib, Node, Reader], Cib]:
    def read(cib: Cib, node: Node, reader: Reader) -> Cib:
        decoded: Any = {field: tuple(decoder(node, reader))}
        return replace(cib, **decoded)

    return read


#: The sections of a document in the order in which they are decoded: constraints refer to resources.
SECTIONS: dict[str, Callable[[Cib, Node, Reader], Cib]] = {
    "properties": _properties,
    "nodes": _simple("nodes", decode_nodes),
    "defaults": _defaults,
    "templates": _templates,
    "resources": _resources,
    **{section: _constraints(section) for section in CLASSES},
    "fencing": _simple("fencing_levels", decode_fencing),
    "tags": _simple("tags", decode_tags),
    "acls": _simple("acls", decode_acls),
    "alerts": _simple("alerts", decode_alerts),
    "unknown": _unknown,
}
