"""Hypothesis strategies for arbitrary CIBs that conform to Pacemaker's schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from pacemaker_os.cib import Cib, administration, constraints, nodes, nvsets, resources, rules
from pacemaker_os.cib.parser import parse_xml
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import BOOLEAN, DURATION, INTEGER, SCORE

#: Texts that XML preserves, so without line ends.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", max_codepoint=0x2FFF),
    min_size=1,
    max_size=12,
) | st.sampled_from(
    ["no", "1:30", "null", "~", "- a", "a: b", "#x", "a #b", "${x}", "'", '"', "a then b", "*", "<x>"]
)
NAMES = st.from_regex(r"[a-z][a-z0-9_.\-]{0,6}", fullmatch=True)
_BY_KIND = {
    BOOLEAN.name: st.sampled_from(["true", "false", "1", "0"]),
    INTEGER.name: st.integers(0, 9).map(str),
    SCORE.name: st.sampled_from(["INFINITY", "-INFINITY", "0", "7", "-20"]),
    DURATION.name: st.sampled_from(["10s", "5min", "20000ms", "1h"]),
}


def attributes(draw: Any, cls: Any, *names: str) -> dict[str, str]:
    """Draw values for some of the named attributes."""
    drawn = {}
    for spec in layout(cls).attributes:
        if spec.field in names and draw(st.booleans()):
            drawn[spec.field] = draw(_of_kind(spec.kind))
    return drawn


def _of_kind(kind: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(kind.choices) if kind.choices else _BY_KIND.get(kind.name, TEXTS)


@st.composite
def expressions(draw: Any) -> Any:
    kind = draw(st.integers(0, 3))
    if kind == 0:
        operation = draw(st.sampled_from(["defined", "not_defined"]))
        return rules.Expression(attribute=draw(TEXTS), operation=operation)
    if kind == 1:
        extra = attributes(draw, rules.Expression, "type", "value_source")
        if extra.get("type") == "integer":
            del extra["type"]
        comparison = draw(st.sampled_from(["lt", "gt", "lte", "gte", "eq", "ne"]))
        return rules.Expression(attribute=draw(TEXTS), operation=comparison, value=draw(TEXTS), **extra)
    if kind == 2:
        return rules.DateExpression(operation="gt", start="2026-01-01")
    spec = rules.DateSpec(hours=draw(st.sampled_from(["9-17", "1"])), weekdays="1-5")
    return rules.DateExpression(operation="date_spec", date_spec=spec)


@st.composite
def a_rule(draw: Any, depth: int = 2) -> Any:
    inner = expressions() if depth == 0 else expressions() | a_rule(depth - 1)
    several = tuple(draw(st.lists(inner, min_size=1, max_size=3)))
    return rules.Rule(expressions=several, **attributes(draw, rules.Rule, "boolean_op", "role"))


@st.composite
def sets(draw: Any, cls: Any) -> tuple[Any, ...]:
    found = []
    for _ in range(draw(st.integers(0, 2))):
        names = draw(st.lists(TEXTS, max_size=3))
        pairs = tuple(nvsets.NvPair(name=name, value=draw(st.none() | TEXTS)) for name in names)
        rule = draw(st.none() | a_rule())
        found.append(cls(nvpairs=pairs, rule=rule, **attributes(draw, cls, "score")))
    return tuple(found)


@st.composite
def primitives(draw: Any, name: str) -> Any:
    agent = draw(
        st.sampled_from([("ocf", "heartbeat", "IPaddr2"), ("systemd", None, "a@b"), ("lsb", None, "x")])
    )
    operations = [
        resources.Operation(
            name=draw(st.sampled_from(["monitor", "start", "stop", "migrate_to"])),
            interval=draw(_BY_KIND[DURATION.name]),
            **attributes(draw, resources.Operation, "timeout", "on_fail", "role", "enabled", "description"),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    return resources.Primitive(
        id=name,
        class_=agent[0],
        provider=agent[1],
        type=agent[2],
        instance_attributes=draw(sets(nvsets.InstanceAttributes)),
        meta_attributes=draw(sets(nvsets.MetaAttributes)),
        utilization=draw(sets(nvsets.Utilization)),
        operations=resources.Operations(operations=tuple(operations)) if operations else None,
        **attributes(draw, resources.Primitive, "description"),
    )


@st.composite
def a_resource(draw: Any, name: str) -> Any:
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(primitives(name))
    inner = draw(primitives(f"{name}-in"))
    if kind == 1:
        members = (inner, draw(primitives(f"{name}-in2")))
        return resources.Group(id=name, members=members, meta_attributes=draw(sets(nvsets.MetaAttributes)))
    if kind == 2:
        return resources.Clone(
            id=draw(st.sampled_from([name, f"{name}-in-clone"])),
            child=inner,
            meta_attributes=draw(sets(nvsets.MetaAttributes)),
        )
    fields = ("replicas", "promoted_max", "run_command", "options")
    return resources.Bundle(
        id=name,
        container=resources.Podman(image=draw(TEXTS), **attributes(draw, resources.Podman, *fields)),
        network=resources.Network(
            port_mappings=(resources.PortMapping(port="80"),),
            **attributes(draw, resources.Network, "add_host"),
        ),
        storage=resources.Storage(
            mappings=(resources.StorageMapping(source_dir=draw(TEXTS), target_dir=draw(TEXTS)),)
        ),
        primitive=draw(st.none() | st.just(inner)),
    )


@st.composite
def a_constraint(draw: Any, ids: list[str]) -> Any:
    name = st.sampled_from(ids)
    own_id = {"id": draw(NAMES.map("c-{}".format))} if draw(st.booleans()) else {}
    kind = draw(st.integers(0, 4))
    if kind == 0:
        how = draw(st.sampled_from([("kind",), ("score",), ()]))
        more = attributes(
            draw, constraints.Order, *how, "first_action", "then_action", "symmetrical", "require_all"
        )
        return constraints.Order(first=draw(name), then=draw(name), **more, **own_id)
    if kind == 1:
        more = attributes(
            draw, constraints.Colocation, "score", "rsc_role", "with_rsc_role", "influence", "node_attribute"
        )
        return constraints.Colocation(rsc=draw(name), with_rsc=draw(name), **more, **own_id)
    if kind == 2:
        more = attributes(draw, constraints.Location, "role", "resource_discovery")
        score = draw(_BY_KIND[SCORE.name])
        return constraints.Location(rsc=draw(name), node=draw(TEXTS), score=score, **more, **own_id)
    if kind == 3:
        rule = replace(draw(a_rule()), score=draw(_BY_KIND[SCORE.name]))
        more = attributes(draw, constraints.Location, "resource_discovery")
        return constraints.Location(rsc=draw(name), rules=(rule,), **more, **own_id)
    fields = ("sequential", "require_all", "action", "role")
    several = tuple(
        constraints.ResourceSet(
            members=tuple(
                constraints.ResourceRef(id=each)
                for each in draw(st.lists(name, min_size=1, max_size=3, unique=True))
            ),
            **attributes(draw, constraints.ResourceSet, *fields),
        )
        for _ in range(draw(st.integers(1, 3)))
    )
    if draw(st.booleans()):
        return constraints.Order(sets=several, **attributes(draw, constraints.Order, "kind"), **own_id)
    return constraints.Colocation(sets=several, **attributes(draw, constraints.Colocation, "score"), **own_id)


@st.composite
def cibs(draw: Any) -> Cib:
    """Draw a CIB in which anonymous elements have no ids."""
    names = draw(st.lists(NAMES.map("r-{}".format), min_size=1, max_size=4, unique=True))
    drawn = tuple(draw(a_resource(name)) for name in names)
    ids = [each.id for each in drawn]
    unames = draw(st.lists(TEXTS.filter(lambda t: "[" not in t and "]" not in t), max_size=3, unique=True))
    candidates = draw(st.lists(a_constraint(ids), max_size=4))
    taken: set[str] = set()
    unique = []
    for each in candidates:
        unique.append(replace(each, id=None) if each.id in taken else each)
        taken.add(each.id)
    levels = [
        administration.FencingLevel(index=str(i + 1), devices="d", target=draw(TEXTS))
        for i in range(draw(st.integers(0, 2)))
    ]
    return Cib(
        property_sets=tuple(
            replace(each, id=f"p{i}" if i else "cib-bootstrap-options")
            for i, each in enumerate(draw(sets(nvsets.PropertySet)))
        ),
        resource_defaults=draw(sets(nvsets.ResourceDefaults)),
        nodes=tuple(
            nodes.Node(uname=name, instance_attributes=draw(sets(nvsets.InstanceAttributes)))
            for name in unames
        ),
        resources=drawn,
        constraints=tuple(unique),
        fencing_levels=tuple(levels),
        tags=(administration.Tag(id="t", members=(administration.ObjectRef(id=ids[0]),)),),
    )


def writable(cib: Cib) -> Cib:
    """Return a configuration that Pacemaker 2.1.5 writes as valid XML.

    It does not escape characters after the first one that is not ASCII.
    """
    root = parse_xml(cib.to_xml())
    for element in root.iter("*"):
        for name, value in element.attrib.items():
            if not str(value).isascii():
                element.set(name, str(value).translate(dict.fromkeys(map(ord, "&<>\"'"))) or "x")
    return Cib.from_xml(etree.tostring(root))
