"""From a CIB to the document that a careful person would have written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.constraints import Colocation, Location, Order, Ticket
from pacemaker_os.cib.ids import Ids, taken
from pacemaker_os.cib.nvsets import FIRST_PROPERTY_SET, NvPair, NvSet
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.cib.schema import has_new_roles
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import IDREF
from pacemaker_os.document.constraint_words import encode_constraint
from pacemaker_os.document.emit import emit
from pacemaker_os.document.forms.administration import (
    encode_acls,
    encode_alerts,
    encode_fencing,
    encode_tags,
)
from pacemaker_os.document.forms.nodes import encode_nodes
from pacemaker_os.document.forms.nvsets import encode_set, plain_pairs
from pacemaker_os.document.forms.resources import encode_resource
from pacemaker_os.document.remarks import below, remarked
from pacemaker_os.document.writer import Block, Plain, Writer

E = TypeVar("E", bound=Element)


def dump(cib: Cib) -> str:
    """Return the document of `cib`: short forms wherever they say the same, made-up ids left out.

    `document.load` of the text gives a CIB of the same meaning; only generated ids may differ.
    """
    referenced = _referenced(cib)
    cib = without_generated_ids(cib, referenced)
    # The first section of constraints stands apart from what is before; the others belong to it.
    said = encode_cib(cib, _writer(cib, referenced))
    constraints = [word for word in said if word in _CONSTRAINTS]
    return emit(said, together=constraints[1:])


def encode_cib(cib: Cib, writer: Writer) -> dict[str, Plain]:
    """Return the document as plain values; sections that would be empty are left out."""
    said: dict[str, Plain] = {}
    cluster, sets = _cluster_name(cib)
    if cluster is not None:
        said["cluster"] = cluster
    said["properties"] = remarked(_top_sets(sets, writer), *cib.property_sets)
    said["nodes"] = remarked(encode_nodes(cib.nodes, writer), *cib.nodes)
    said["defaults"] = {
        word: remarked(plain, *sets)
        for word, sets in (("resources", cib.resource_defaults), ("operations", cib.operation_defaults))
        if (plain := _top_sets(sets, writer))
    }
    templates = [each for each in cib.resources if isinstance(each, Template)]
    others = [each for each in cib.resources if not isinstance(each, Template)]
    said["templates"] = dict(encode_resource(each, writer) for each in templates)
    said["resources"] = dict(encode_resource(each, writer) for each in others)
    for word, cls in _CONSTRAINTS.items():
        said[word] = [encode_constraint(each, writer) for each in cib.constraints if type(each) is cls]
    said["fencing"] = encode_fencing(cib.fencing_levels, writer)
    said["tags"] = remarked(encode_tags(cib.tags, writer), *cib.tags)
    said["acls"] = encode_acls(cib.acls, writer)
    said["alerts"] = encode_alerts(cib.alerts, writer)
    said["unknown"] = _unknown(cib)
    found: dict[str, Plain] = {word: plain for word, plain in said.items() if plain}
    if not found:
        found["resources"] = {}
    first = next(iter(found))
    found[first] = below(cib.comments, found[first])
    return found


_CONSTRAINTS: dict[str, type[Element]] = {
    "order": Order,
    "colocation": Colocation,
    "location": Location,
    "tickets": Ticket,
}


def without_generated_ids(cib: Cib, referenced: frozenset[str]) -> Cib:
    """Return `cib` without the ids that nobody calls anything by and nothing refers to.

    The id of an object (a constraint, a fencing level) goes only when it would be made up the same.
    """
    bare = _bare(cib, referenced)
    # First those that no number at the end could make alike, then what that leaves different.
    named = _keep_ids(cib, bare, lambda old, made: bool(_stems(old) & _stems(made)))
    return _keep_ids(cib, named, lambda old, made: old == made)


#: Fields with objects whose ids people may use, though they need not.
_OBJECTS = ("constraints", "fencing_levels", "resource_defaults", "operation_defaults")


def _keep_ids(cib: Cib, bare: Cib, alike: Callable[[str, str], bool]) -> Cib:
    """Return `bare` with the ids of `cib` for objects whose made-up ids are not `alike`."""
    ids = Ids(taken(bare))
    changes: dict[str, Any] = {}
    for field in _OBJECTS:
        kept = []
        for each, original in zip(getattr(bare, field), getattr(cib, field), strict=True):
            made = ids.name(each) if each.id is None else None
            if made is not None and original.id is not None and not alike(original.id, made):
                kept.append(replace(each, id=original.id))
            else:
                kept.append(each)
        changes[field] = tuple(kept)
    return replace(bare, **changes)


def _stems(id: str) -> set[str]:
    """Return the id, and the id without a number at its end."""
    return {id, re.sub(r"-\d+$", "", id)}


def _bare(element: E, referenced: frozenset[str]) -> E:
    changes: dict[str, Any] = {}
    made = layout(type(element))
    for spec in made.attributes:
        if spec.anonymous and (value := getattr(element, spec.field)) is not None and value not in referenced:
            changes[spec.field] = None
    for kind in made.children:
        old = getattr(element, kind.field)
        if kind.many:
            new: Any = tuple(_bare(each, referenced) for each in old)
            if any(a is not b for a, b in zip(old, new, strict=True)):
                changes[kind.field] = new
        elif old is not None and (new := _bare(old, referenced)) is not old:
            changes[kind.field] = new
    return replace(element, **changes) if changes else element


def _referenced(cib: Cib) -> frozenset[str]:
    """Return every id that an id-ref, an access rule or a tag refers to."""
    found: set[str] = {member.id or "" for tag in cib.tags for member in tag.members}
    _collect(cib.objects(), found)
    found.discard("")
    return frozenset(found)


def _collect(elements: Iterable[Element], found: set[str]) -> None:
    for element in elements:
        made = layout(type(element))
        for spec in made.attributes:
            if spec.kind is IDREF and (value := getattr(element, spec.field)) is not None:
                found.add(value)
        for kind in made.children:
            value = getattr(element, kind.field)
            if value:
                _collect(value if kind.many else (value,), found)


def _writer(cib: Cib, referenced: frozenset[str]) -> Writer:
    clones = {
        each.id or "": each.child.id or ""
        for each in cib.resources
        if isinstance(each, Clone) and each.child is not None
    }
    templates = {each.id for each in cib.resources if isinstance(each, Template) and each.class_ == "stonith"}
    services = set()
    for each in cib.resources:
        inner = each.child if isinstance(each, Clone) else each
        fencing = isinstance(inner, Primitive) and (inner.class_ == "stonith" or inner.template in templates)
        if isinstance(each, Primitive | Clone | Group | Bundle) and not fencing:
            services.add(each.id or "")
    return Writer(
        referenced=referenced,
        cloned=clones,
        hidden=frozenset(clones.values()),
        services=frozenset(services),
        new_roles=has_new_roles(cib.validate_with),
    )


def _cluster_name(cib: Cib) -> tuple[str | None, tuple[Any, ...]]:
    """Return what `cluster:` says, and the property sets without it."""
    if len(cib.property_sets) != 1:
        return None, cib.property_sets
    (only,) = cib.property_sets
    names = [pair for pair in only.nvpairs if pair.name == "cluster-name"]
    alone = only.id in (None, FIRST_PROPERTY_SET) and plain_pairs(only, Writer()) is not None
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
