"""Encode a CIB as the plain values of its document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib import Cib
from pacemaker_os.cib.nvsets import FIRST_PROPERTY_SET, NvPair, NvSet
from pacemaker_os.cib.resources import Template
from pacemaker_os.document.comments import add_comments, with_comments
from pacemaker_os.document.forms.acls import encode_acls
from pacemaker_os.document.forms.alerts import encode_alerts
from pacemaker_os.document.forms.constraints import CLASSES, encode_constraint
from pacemaker_os.document.forms.fencing import encode_fencing
from pacemaker_os.document.forms.nodes import encode_nodes
from pacemaker_os.document.forms.nvsets import encode_set, is_omitted, plain_pairs
from pacemaker_os.document.forms.resources import encode_resource
from pacemaker_os.document.forms.tags import encode_tags
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Block, Plain


def encode_cib(cib: Cib, writer: Writer) -> dict[str, Plain]:
    """Return the document as plain values; empty sections are omitted."""
    plain: dict[str, Plain] = {}
    cluster, sets = _cluster_name(cib, writer)
    if cluster is not None:
        plain["cluster"] = cluster
    plain["properties"] = with_comments(_encode_top_sets(sets, writer), *cib.property_sets)
    plain["nodes"] = with_comments(encode_nodes(cib.nodes, writer), *cib.nodes)
    plain["defaults"] = {
        name: with_comments(encoded, *sets)
        for name, sets in (("resources", cib.resource_defaults), ("operations", cib.operation_defaults))
        if (encoded := _encode_top_sets(sets, writer))
    }
    templates = [each for each in cib.resources if isinstance(each, Template)]
    others = [each for each in cib.resources if not isinstance(each, Template)]
    plain["templates"] = dict(encode_resource(each, writer) for each in templates)
    plain["resources"] = dict(encode_resource(each, writer) for each in others)
    for section, cls in CLASSES.items():
        plain[section] = [encode_constraint(each, writer) for each in cib.constraints if type(each) is cls]
    plain["fencing"] = encode_fencing(cib.fencing_levels, writer)
    plain["tags"] = with_comments(encode_tags(cib.tags, writer), *cib.tags)
    plain["acls"] = encode_acls(cib.acls, writer)
    plain["alerts"] = encode_alerts(cib.alerts, writer)
    plain["unknown"] = _encode_unknown(cib)
    found: dict[str, Plain] = {name: value for name, value in plain.items() if value}
    if not found:
        found["resources"] = {}
    first = next(iter(found))
    found[first] = add_comments(cib.comments, found[first])
    return found


def _cluster_name(cib: Cib, writer: Writer) -> tuple[str | None, tuple[Any, ...]]:
    """Return the value of `cluster:`, and the property sets without it."""
    if len(cib.property_sets) != 1:
        return None, cib.property_sets
    (only,) = cib.property_sets
    names = [pair for pair in only.nvpairs if pair.name == "cluster-name"]
    alone = only.id in (None, FIRST_PROPERTY_SET) and plain_pairs(only, writer) is not None
    if not alone or len(names) != 1 or not names[0].value:
        return None, cib.property_sets
    rest: tuple[NvPair, ...] = tuple(pair for pair in only.nvpairs if pair is not names[0])
    return names[0].value, (replace(only, nvpairs=rest),)


def _encode_top_sets(sets: tuple[NvSet, ...], writer: Writer) -> Plain:
    """Return sets of properties or defaults: only the pairs when there is one plain set.

    A plain set of properties must be the one that Pacemaker evaluates first; a set of defaults can have
    any id.
    """
    filled = [each for each in sets if not is_omitted(each, writer)]
    if len(filled) == 1 and (filled[0].id in (None, FIRST_PROPERTY_SET) or filled[0].section != "crm_config"):
        pairs = plain_pairs(filled[0], writer)
        if pairs is not None:
            return pairs
    plain: list[Plain] = []
    for each in filled:
        body = encode_set(each, writer)
        if each.id is not None and isinstance(body, dict):
            body = {"id": each.id, **body}
        plain.append(body)
    return plain


def _encode_unknown(cib: Cib) -> Plain:
    sections: dict[str, list[Plain]] = {}
    for each in cib.opaque:
        sections.setdefault(each.section, []).append(each.xml)
    if cib.unknown_elements:
        sections["configuration"] = list(cib.unknown_elements)
    return Block(sections)
