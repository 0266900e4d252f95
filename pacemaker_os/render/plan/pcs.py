"""A plan as equivalent pcs commands, for review.

The commands are for reading only: pcs writes each of them separately and does not check for conflicts, and it
adds a monitor to a resource that has none. cibadmin commands replace missing pcs commands. The syntax is that
of pcs 0.11 and 0.12.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from lxml import etree

from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.plan import Plan
from pacemaker_os.text import quantity

Argv = list[str]


def pcs_commands(plan: Plan) -> Iterator[str]:
    """Yield one shell line per command; removals first, as in the plan.

    Secrets are comments: pcs has no command for them, and cibsecret requires the value on its command line.
    """
    if plan.upgrade is not None:
        yield "pcs cluster cib-upgrade"
    for secret in plan.secrets_to_write:
        nodes = " ".join(secret.nodes)
        yield f"# distribute secret {secret.secret} to {nodes}, for {secret.resource} {secret.parameter}"
    changes = sorted(plan.object_changes, key=lambda change: change.action != "remove")
    # References to a resource are removed before the resource.
    changes.sort(
        key=lambda each: (each.action != "remove", each.action == "remove" and each.section == "resources")
    )
    for change in changes:
        for argv in _commands(change):
            yield shlex.join(argv)


def pcs_lines(plan: Plan) -> Iterator[str]:
    """Yield the commands and, as shell comments, the objects that the plan leaves unchanged."""
    if not plan.object_changes and not plan.upgrade and not plan.secrets_to_write:
        yield f"# no changes: the cluster matches {plan.document}"
    for key in plan.unowned:
        kind, _, name = key.partition(":")
        yield f"# unchanged, not owned by any document: {kind} {name}"
    for name, count in plan.owned_by_others.items():
        yield f"# unchanged, owned by document {name}: {quantity(count, 'object')}"
    yield from (f"# unchanged operator override: {name}" for name in plan.overrides)
    yield from pcs_commands(plan)


def _commands(change: ConfigChange) -> Iterator[Argv]:
    element = from_text(change.new or change.old or "")
    make = _BY_KIND.get((change.kind, change.action)) or _BY_KIND.get((change.kind, ""))
    found = None if make is None else make(change, element)
    yield from found if found is not None else [_with_cibadmin(change)]


def _with_cibadmin(change: ConfigChange) -> Argv:
    how = {"add": "--create", "change": "--replace", "remove": "--delete"}[change.action]
    return ["cibadmin", how, "--scope", change.section, "--xml-text", change.new or change.old or ""]


def _setting(*argv: str) -> Callable[[ConfigChange, etree._Element], list[Argv]]:
    """Return a function for commands that set NAME=VALUE; an empty value unsets NAME."""

    def make(change: ConfigChange, element: etree._Element) -> list[Argv]:
        value = element.get("value", "") if change.new is not None else ""
        target = [change.name.split(" ")[0]] if change.section == "nodes" else []
        return [[*argv, *target, f"{element.get('name')}={value}"]]

    return make


def _create(change: ConfigChange, element: etree._Element) -> list[Argv] | None:
    primitives = list(element.iter("primitive"))
    if any(primitive.get("template") or not _is_plain(primitive) for primitive in primitives):
        return None
    if element.tag == "primitive":
        return [_create_primitive(element)]
    if element.tag == "group":
        names = [str(primitive.get("id")) for primitive in primitives]
        group = ["pcs", "resource", "group", "add", change.name, *names]
        return [*map(_create_primitive, primitives), group, *_meta("pcs resource meta", element)]
    if element.find("group") is not None:
        return None
    meta = _pairs(element, "meta_attributes")
    kind = "promotable" if meta.pop("promotable", "false") == "true" else "clone"
    # `meta` after `create … clone` applies to the primitive or to the clone, depending on the version of pcs.
    created, name = _create_primitive(primitives[0]), str(primitives[0].get("id"))
    tail = [["pcs", "resource", "meta", change.name, *_format_pairs(meta)]] if meta else []
    return [created, ["pcs", "resource", kind, name, change.name], *tail]


def _create_primitive(primitive: etree._Element) -> Argv:
    agent = ":".join(filter(None, (primitive.get(name) for name in ("class", "provider", "type"))))
    group, agent = (
        ("stonith", agent.partition(":")[2]) if agent.startswith("stonith:") else ("resource", agent)
    )
    meta = _pairs(primitive, "meta_attributes")
    argv = ["pcs", group, "create", str(primitive.get("id")), agent]
    argv += _format_pairs(_pairs(primitive, "instance_attributes"))
    for op in primitive.iterfind("operations/op"):
        options = {str(name): str(value) for name, value in op.items() if name not in ("id", "name")}
        argv += ["op", str(op.get("name")), *_format_pairs(options)]
    if meta:
        argv += ["meta", *_format_pairs(meta)]
    return [*argv, "--no-default-ops"] if group == "resource" else argv


def _meta(command: str, element: etree._Element) -> list[Argv]:
    meta = _pairs(element, "meta_attributes")
    return [[*command.split(), str(element.get("id")), *_format_pairs(meta)]] if meta else []


def _update(change: ConfigChange, element: etree._Element) -> list[Argv] | None:
    """Return the update of parameters and meta attributes; None if pcs cannot change the rest."""
    changed: dict[str, dict[str, str]] = {"params": {}, "meta": {}}
    for detail in change.details:
        kind, _, name = detail.path.partition(".")
        if kind not in changed or "." in name:
            return None
        changed[kind][name] = detail.new or ""
    group = "stonith" if element.get("class") == "stonith" else "resource"
    meta = ["meta", *_format_pairs(changed["meta"])] if changed["meta"] else []
    return [["pcs", group, "update", change.name, *_format_pairs(changed["params"]), *meta]]


def _delete(change: ConfigChange, element: etree._Element) -> list[Argv]:
    group = "stonith" if element.get("class") == "stonith" else "resource"
    return [["pcs", group, "delete", change.name]]


def _delete_constraint(change: ConfigChange, element: etree._Element) -> list[Argv]:
    return [["pcs", "constraint", "delete", change.name]]


def _order(change: ConfigChange, element: etree._Element) -> list[Argv] | None:
    if element.get("first") is None or len(element):
        return None
    options = {
        str(n): str(v) for n, v in element.items() if n in ("kind", "score", "symmetrical", "require-all")
    }
    first = [*filter(None, [element.get("first-action")]), str(element.get("first"))]
    then = [*filter(None, [element.get("then-action")]), str(element.get("then"))]
    return [
        ["pcs", "constraint", "order", *first, "then", *then, *_format_pairs(options), f"id={change.name}"]
    ]


def _colocation(change: ConfigChange, element: etree._Element) -> list[Argv] | None:
    if element.get("rsc") is None or len(element) or element.get("node-attribute"):
        return None
    rsc = [*filter(None, [element.get("rsc-role")]), str(element.get("rsc"))]
    other = [*filter(None, [element.get("with-rsc-role")]), str(element.get("with-rsc"))]
    options = {"score": element.get("score", "INFINITY"), "id": change.name}
    return [["pcs", "constraint", "colocation", "add", *rsc, "with", *other, *_format_pairs(options)]]


def _location(change: ConfigChange, element: etree._Element) -> list[Argv] | None:
    if element.get("rsc") is None or element.get("node") is None or element.get("role") or len(element):
        return None
    target = [str(element.get("rsc")), str(element.get("node")), element.get("score", "INFINITY")]
    found = element.get("resource-discovery")
    discovery = [f"resource-discovery={found}"] if found else []
    return [["pcs", "constraint", "location", "add", change.name, *target, *discovery]]


def _is_plain(primitive: etree._Element) -> bool:
    """Return whether the resource has at most one set of each kind, without rules and references."""
    sets = [
        each for each in primitive if each.tag in ("instance_attributes", "meta_attributes", "utilization")
    ]
    plain = all(each.get("id-ref") is None and each.find("rule") is None for each in sets)
    return plain and len({each.tag for each in sets}) == len(sets) and primitive.find("utilization") is None


def _pairs(element: etree._Element, tag: str) -> dict[str, str]:
    found = element.iterfind(f"{tag}/nvpair")
    return {str(pair.get("name")): str(pair.get("value", "")) for pair in found}


def _format_pairs(options: dict[str, str]) -> Argv:
    return [f"{name}={value}" for name, value in options.items()]


#: The function that formats a change, by kind and action; an empty action stands for all actions.
_BY_KIND: dict[tuple[str, str], Callable[[ConfigChange, etree._Element], list[Argv] | None]] = {
    ("property", ""): _setting("pcs", "property", "set"),
    ("resource default", ""): _setting("pcs", "resource", "defaults", "update"),
    ("operation default", ""): _setting("pcs", "resource", "op", "defaults", "update"),
    ("node attribute", ""): _setting("pcs", "node", "attribute"),
    ("node utilization", ""): _setting("pcs", "node", "utilization"),
    **{(kind, "add"): _create for kind in ("primitive", "clone", "group")},
    **{(kind, "remove"): _delete for kind in ("primitive", "clone", "group", "bundle")},
    ("primitive", "change"): _update,
    **{(kind, "remove"): _delete_constraint for kind in ("order", "colocation", "location", "ticket")},
    ("order", "add"): _order,
    ("colocation", "add"): _colocation,
    ("location", "add"): _location,
}
