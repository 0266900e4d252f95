"""Clones: the key `clone:` or `promotable:` of the cloned resource.

lb: {agent: systemd:haproxy, clone: {interleave: true}}
lb: {agent: systemd:haproxy, clone: {id: lb-instances, interleave: true}}
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib.nvsets import MetaAttributes, NvPair, NvSet
from pacemaker_os.cib.resources import Clone
from pacemaker_os.document.forms.element import decode, encode, own_keys, split_own
from pacemaker_os.document.forms.nvsets import decode_sets_of, is_omitted, plain_pairs
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Scalar, describe_node, is_null

_PROMOTABLE = NvPair(name="promotable", value="true")


def decode_clone(child: Any, body: Mapping, key: str, reader: Reader) -> Clone:
    """Return the clone of `child` that its `body` declares under `key`."""
    node = body.get(key)
    if isinstance(node, Scalar) and not is_null(node):
        if node.text not in ("true", "yes"):
            example = f"`{key}: {{interleave: true}}`"
            message = f"'{key}' must be a mapping of meta attributes ({example}), not {describe_node(node)}"
            reader.problem(node, message, "wrong-type")
        node = None
    what = f"'{key}'"
    own, free = (
        split_own(Clone, node, "child") if isinstance(node, Mapping) else (Mapping((), body.origin), node)
    )
    clone = decode(Clone, own, reader, what, child=child)
    if free is not None:
        clone = replace(clone, meta_attributes=decode_sets_of(MetaAttributes, free, reader, what))
    clone = replace(clone, id=clone.id or _clone_name(child), origin=body.origin)
    return _with_promotable(clone) if key == "promotable" else clone


def _clone_name(child: Any) -> str:
    return f"{child.id}-clone"


def _with_promotable(clone: Clone) -> Clone:
    sets = clone.meta_attributes
    plain = next((s for s in sets if s.rule is None and s.id_ref is None), None)
    if plain is None:
        return replace(clone, meta_attributes=(MetaAttributes(nvpairs=(_PROMOTABLE,)), *sets))
    promoting = replace(plain, nvpairs=(_PROMOTABLE, *plain.nvpairs))
    return replace(clone, meta_attributes=tuple(promoting if s is plain else s for s in sets))


def encode_clone(clone: Clone, writer: Writer) -> tuple[str, Plain]:
    """Return the key `clone` or `promotable`, and its value."""
    sets = tuple(each for each in clone.meta_attributes if not is_omitted(each, writer))
    promoting = _promoting_set(sets)
    key = "clone" if promoting is None else "promotable"
    if promoting is not None:
        sets = tuple(_without_promotable(each) if each is promoting else each for each in sets)
    has_default_id = clone.id == _clone_name(clone.child) and clone.id not in writer.referenced
    omitted = ("child", "id") if has_default_id else ("child",)
    rest = encode(clone, writer, without=(*omitted, "meta_attributes"))
    plain = [plain_pairs(each, writer) for each in sets]
    free_names = all(each is not None and own_keys(Clone, "child").isdisjoint(each) for each in plain)
    if not rest and len(sets) <= 1 and free_names:
        return key, plain[0] if plain else {}
    keys = encode(replace(clone, meta_attributes=sets), writer, without=omitted)
    keys.setdefault("meta", {})
    return key, keys


def _promoting_set(sets: tuple[NvSet, ...]) -> NvSet | None:
    """Return the set to which decoding `promotable:` adds `promotable=true`, None if it is another one."""
    first = next((each for each in sets if each.rule is None and each.id_ref is None), None)
    containing = [each for each in sets if any(pair.name == "promotable" for pair in each.nvpairs)]
    if first is None or containing != [first]:
        return None
    values = [pair.value for pair in first.nvpairs if pair.name == "promotable"]
    alone = len(sets) == 1 and first.score is None
    return first if values == ["true"] and (alone or len(first.nvpairs) > 1) else None


def _without_promotable(nvset: NvSet) -> NvSet:
    return replace(nvset, nvpairs=tuple(pair for pair in nvset.nvpairs if pair.name != "promotable"))
