"""A plan as the pcs commands that would do the same, for people who review in pcs.

They are for reading: pcs runs them one by one, each a change of its own, and nothing guards them; and
pcs adds a monitor to a resource that says none. What pcs has no words for is said with cibadmin. The
words are those of pcs 0.11 and 0.12.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from lxml import etree

from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan

Words = list[str]


def pcs_commands(plan: Plan) -> Iterator[str]:
    """Yield a shell line a command; removals first, as the plan itself does them.

    Secrets are remarks: pcs has no command for them, and cibsecret would want the value on its command line.
    """
    if plan.upgrade is not None:
        yield "pcs cluster cib-upgrade"
    for secret in plan.secrets_to_write:
        where = " ".join(secret.nodes)
        yield f"# secret {secret.secret} to {where}, for {secret.resource} {secret.parameter}"
    changes = sorted(plan.object_changes, key=lambda operation: operation.action != "remove")
    # What points to a resource goes before the resource.
    changes.sort(
        key=lambda each: (each.action != "remove", each.action == "remove" and each.section == "resources")
    )
    for operation in changes:
        for words in _commands(operation):
            yield shlex.join(words)


def pcs_lines(plan: Plan) -> Iterator[str]:
    """Yield the commands and, as remarks of a shell, why there are none for what some expect to see."""
    if not plan.object_changes and not plan.upgrade and not plan.secrets_to_write:
        yield f"# nothing to do: the cluster is as {plan.document} says"
    for key in plan.unowned:
        kind, _, name = key.partition(":")
        yield f"# left alone, as no document owns it: {kind} {name}"
    for name, count in plan.owned_by_others.items():
        yield f"# left alone, of the document {name}: {count}"
    yield from (f"# left as an operator put it: {name}" for name in plan.overrides)
    yield from pcs_commands(plan)


def _commands(operation: ConfigChange) -> Iterator[Words]:
    element = from_text(operation.new or operation.old or "")
    make = _BY_KIND.get((operation.kind, operation.action)) or _BY_KIND.get((operation.kind, ""))
    found = None if make is None else make(operation, element)
    yield from found if found is not None else [_with_cibadmin(operation)]


def _with_cibadmin(operation: ConfigChange) -> Words:
    how = {"add": "--create", "change": "--replace", "remove": "--delete"}[operation.action]
    return ["cibadmin", how, "--scope", operation.section, "--xml-text", operation.new or operation.old or ""]


def _named(*words: str) -> Callable[[ConfigChange, etree._Element], list[Words]]:
    """Commands that set NAME=VALUE, and unset by an empty value."""

    def made(operation: ConfigChange, element: etree._Element) -> list[Words]:
        value = element.get("value", "") if operation.new is not None else ""
        target = [operation.name.split(" ")[0]] if operation.section == "nodes" else []
        return [[*words, *target, f"{element.get('name')}={value}"]]

    return made


def _create(operation: ConfigChange, element: etree._Element) -> list[Words] | None:
    primitives = list(element.iter("primitive"))
    if any(primitive.get("template") or not _is_plain(primitive) for primitive in primitives):
        return None
    if element.tag == "primitive":
        return [_create_words(element)]
    if element.tag == "group":
        names = [str(primitive.get("id")) for primitive in primitives]
        group = ["pcs", "resource", "group", "add", operation.name, *names]
        return [*map(_create_words, primitives), group, *_meta("pcs resource meta", element)]
    if element.find("group") is not None:
        return None
    meta = _pairs(element, "meta_attributes")
    word = "promotable" if meta.pop("promotable", "false") == "true" else "clone"
    # Which of the two that `meta` behind `create … clone` is meant for differs between versions of pcs.
    created, name = _create_words(primitives[0]), str(primitives[0].get("id"))
    tail = [["pcs", "resource", "meta", operation.name, *_words(meta)]] if meta else []
    return [created, ["pcs", "resource", word, name, operation.name], *tail]


def _create_words(primitive: etree._Element) -> Words:
    agent = ":".join(filter(None, (primitive.get(name) for name in ("class", "provider", "type"))))
    group, agent = (
        ("stonith", agent.partition(":")[2]) if agent.startswith("stonith:") else ("resource", agent)
    )
    meta, words = (
        _pairs(primitive, "meta_attributes"),
        ["pcs", group, "create", str(primitive.get("id")), agent],
    )
    words += _words(_pairs(primitive, "instance_attributes"))
    for op in primitive.iterfind("operations/op"):
        options = {str(name): str(value) for name, value in op.items() if name not in ("id", "name")}
        words += ["op", str(op.get("name")), *_words(options)]
    if meta:
        words += ["meta", *_words(meta)]
    return [*words, "--no-default-ops"] if group == "resource" else words


def _meta(command: str, element: etree._Element) -> list[Words]:
    meta = _pairs(element, "meta_attributes")
    return [[*command.split(), str(element.get("id")), *_words(meta)]] if meta else []


def _update(operation: ConfigChange, element: etree._Element) -> list[Words] | None:
    """Changed parameters and meta attributes; a change of anything else is no update that pcs knows."""
    changed: dict[str, dict[str, str]] = {"params": {}, "meta": {}}
    for detail in operation.details:
        kind, _, name = detail.path.partition(".")
        if kind not in changed or "." in name:
            return None
        changed[kind][name] = detail.new or ""
    group = "stonith" if element.get("class") == "stonith" else "resource"
    meta = ["meta", *_words(changed["meta"])] if changed["meta"] else []
    return [["pcs", group, "update", operation.name, *_words(changed["params"]), *meta]]


def _delete(operation: ConfigChange, element: etree._Element) -> list[Words]:
    group = "stonith" if element.get("class") == "stonith" else "resource"
    return [["pcs", group, "delete", operation.name]]


def _delete_constraint(operation: ConfigChange, element: etree._Element) -> list[Words]:
    return [["pcs", "constraint", "delete", operation.name]]


def _order(operation: ConfigChange, element: etree._Element) -> list[Words] | None:
    if element.get("first") is None or len(element):
        return None
    options = {
        str(n): str(v) for n, v in element.items() if n in ("kind", "score", "symmetrical", "require-all")
    }
    first = [*filter(None, [element.get("first-action")]), str(element.get("first"))]
    then = [*filter(None, [element.get("then-action")]), str(element.get("then"))]
    return [["pcs", "constraint", "order", *first, "then", *then, *_words(options), f"id={operation.name}"]]


def _colocation(operation: ConfigChange, element: etree._Element) -> list[Words] | None:
    if element.get("rsc") is None or len(element) or element.get("node-attribute"):
        return None
    rsc = [*filter(None, [element.get("rsc-role")]), str(element.get("rsc"))]
    other = [*filter(None, [element.get("with-rsc-role")]), str(element.get("with-rsc"))]
    options = {"score": element.get("score", "INFINITY"), "id": operation.name}
    return [["pcs", "constraint", "colocation", "add", *rsc, "with", *other, *_words(options)]]


def _location(operation: ConfigChange, element: etree._Element) -> list[Words] | None:
    if element.get("rsc") is None or element.get("node") is None or element.get("role") or len(element):
        return None
    place = [str(element.get("rsc")), str(element.get("node")), element.get("score", "INFINITY")]
    found = element.get("resource-discovery")
    discovery = [f"resource-discovery={found}"] if found else []
    return [["pcs", "constraint", "location", "add", operation.name, *place, *discovery]]


def _is_plain(primitive: etree._Element) -> bool:
    """Whether there is at most one set of each kind, and it always holds."""
    sets = [
        each for each in primitive if each.tag in ("instance_attributes", "meta_attributes", "utilization")
    ]
    plain = all(each.get("id-ref") is None and each.find("rule") is None for each in sets)
    return plain and len({each.tag for each in sets}) == len(sets) and primitive.find("utilization") is None


def _pairs(element: etree._Element, tag: str) -> dict[str, str]:
    found = element.iterfind(f"{tag}/nvpair")
    return {str(pair.get("name")): str(pair.get("value", "")) for pair in found}


def _words(options: dict[str, str]) -> Words:
    return [f"{name}={value}" for name, value in options.items()]


#: Which words say an operation, by kind and action; without an action, for all of them.
_BY_KIND: dict[tuple[str, str], Callable[[ConfigChange, etree._Element], list[Words] | None]] = {
    ("property", ""): _named("pcs", "property", "set"),
    ("resource default", ""): _named("pcs", "resource", "defaults", "update"),
    ("operation default", ""): _named("pcs", "resource", "op", "defaults", "update"),
    ("node attribute", ""): _named("pcs", "node", "attribute"),
    ("node utilization", ""): _named("pcs", "node", "utilization"),
    **{(kind, "add"): _create for kind in ("primitive", "clone", "group")},
    **{(kind, "remove"): _delete for kind in ("primitive", "clone", "group", "bundle")},
    ("primitive", "change"): _update,
    **{(kind, "remove"): _delete_constraint for kind in ("order", "colocation", "location", "ticket")},
    ("order", "add"): _order,
    ("colocation", "add"): _colocation,
    ("location", "add"): _location,
}
