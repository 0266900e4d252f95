"""From a CIB to the plain values of its document."""

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
from pacemaker_os.document.forms.nvsets import encode_set, plain_pairs
from pacemaker_os.document.forms.resources import encode_resource
from pacemaker_os.document.forms.tags import encode_tags
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Block, Plain


def encode_cib(cib: Cib, writer: Writer) -> dict[str, Plain]:
    """Return the document as plain values; sections that would be empty are left out."""
    said: dict[str, Plain] = {}
    cluster, sets = _cluster_name(cib, writer)
    if cluster is not None:
        said["cluster"] = cluster
    said["properties"] = with_comments(_top_sets(sets, writer), *cib.property_sets)
    said["nodes"] = with_comments(encode_nodes(cib.nodes, writer), *cib.nodes)
    said["defaults"] = {
        word: with_comments(plain, *sets)
        for word, sets in (("resources", cib.resource_defaults), ("operations", cib.operation_defaults))
        if (plain := _top_sets(sets, writer))
    }
    templates = [each for each in cib.resources if isinstance(each, Template)]
    others = [each for each in cib.resources if not isinstance(each, Template)]
    said["templates"] = dict(encode_resource(each, writer) for each in templates)
    said["resources"] = dict(encode_resource(each, writer) for each in others)
    for word, cls in CLASSES.items():
        said[word] = [encode_constraint(each, writer) for each in cib.constraints if type(each) is cls]
    said["fencing"] = encode_fencing(cib.fencing_levels, writer)
    said["tags"] = with_comments(encode_tags(cib.tags, writer), *cib.tags)
    said["acls"] = encode_acls(cib.acls, writer)
    said["alerts"] = encode_alerts(cib.alerts, writer)
    said["unknown"] = _unknown(cib)
    found: dict[str, Plain] = {word: plain for word, plain in said.items() if plain}
    if not found:
        found["resources"] = {}
    first = next(iter(found))
    found[first] = add_comments(cib.comments, found[first])
    return found


def _cluster_name(cib: Cib, writer: Writer) -> tuple[str | None, tuple[Any, ...]]:
    """Return what `cluster:` says, and the property sets without it."""
    if len(cib.property_sets) != 1:
        return None, cib.property_sets
    (only,) = cib.property_sets
    names = [pair for pair in only.nvpairs if pair.name == "cluster-name"]
    alone = only.id in (None, FIRST_PROPERTY_SET) and plain_pairs(only, writer) is not None
    if not alone or len(names) != 1 or not names[0].value:
        return None, cib.property_sets
    rest: tuple[NvPair, ...] = tuple(pair for pair in only.nvpairs if pair is not names[0])
    return names[0].value, (replace(only, nvpairs=rest),)


def _top_sets(sets: tuple[NvSet, ...], writer: Writer) -> Plain:
    """Return property or default sets: their pairs when there is one plain set that anybody would mean.

    For properties this is the set that Pacemaker reads first; the only set of defaults has any name.
    """
    said = [each for each in sets if each.nvpairs or each.id_ref]
    if len(said) == 1 and (said[0].id in (None, FIRST_PROPERTY_SET) or said[0].section != "crm_config"):
        pairs = plain_pairs(said[0], writer)
        if pairs is not None:
            return pairs
    plain: list[Plain] = []
    for each in said:
        body = encode_set(each, writer)
        if each.id is not None and isinstance(body, dict):
            body = {"id": each.id, **body}
        plain.append(body)
    return plain


def _unknown(cib: Cib) -> Plain:
    said: dict[str, Plain] = {}
    for each in cib.opaque:
        said.setdefault(each.section, [])
        here = said[each.section]
        if isinstance(here, list):
            here.append(each.xml)
    if cib.unknown_elements:
        said["configuration"] = list(cib.unknown_elements)
    return Block(said)
