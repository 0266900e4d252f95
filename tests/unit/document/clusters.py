"""Hypothesis strategies for CIBs that the scheduler can run on three nodes, with all kinds of objects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cibs import NAMES, TEXTS, cibs
from hypothesis import strategies as st

from pacemaker_os.cib import Cib, administration, constraints, nodes, nvsets, resources, rules

MEMBERS = ("n1", "n2", "n3")

#: Options that change what the scheduler does, with some of their values.
META = {
    "target-role": ["Started", "Stopped", "Unpromoted", "Promoted"],
    "is-managed": ["true", "false"],
    "resource-stickiness": ["0", "100", "INFINITY"],
    "migration-threshold": ["1", "INFINITY"],
    "priority": ["5", "-1"],
    "allow-migrate": ["true"],
    "requires": ["nothing", "quorum", "fencing"],
    "multiple-active": ["stop_only", "block"],
    "failure-timeout": ["60s"],
}
CLONE = {
    "clone-max": ["1", "2", "9"],
    "clone-node-max": ["1", "2"],
    "interleave": ["true"],
    "ordered": ["true"],
    "notify": ["true"],
    "globally-unique": ["true"],
    "promoted-max": ["0", "1", "2"],
    "promoted-node-max": ["1"],
}
PROPERTIES = {
    "symmetric-cluster": ["false"],
    "stonith-enabled": ["true", "false"],
    "no-quorum-policy": ["ignore", "freeze", "stop", "demote"],
    "placement-strategy": ["utilization", "balanced", "minimal"],
    "stop-all-resources": ["false"],
    "maintenance-mode": ["true"],
    "enable-startup-probes": ["false"],
    "batch-limit": ["3"],
}
NODE = {"standby": ["true"], "rack": ["left", "right"], "maintenance": ["true"]}
SCORES = st.sampled_from(["INFINITY", "-INFINITY", "0", "7", "-20"])


@st.composite
def options(draw: Any, cls: Any, known: dict[str, list[str]], rarely: int = 3) -> tuple[Any, ...]:
    """Draw a set of some options, mostly none."""
    if draw(st.integers(0, rarely)):
        return ()
    names = draw(st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=3, unique=True))
    pairs = [nvsets.NvPair(name=name, value=draw(st.sampled_from(known[name]))) for name in names]
    return (cls(nvpairs=tuple(pairs)),)


@st.composite
def running(draw: Any, primitive: resources.Primitive, templates: list[str]) -> resources.Primitive:
    """Draw an agent, options and needs for a primitive."""
    found = replace(
        primitive,
        meta_attributes=(*primitive.meta_attributes, *draw(options(nvsets.MetaAttributes, META))),
        utilization=draw(options(nvsets.Utilization, {"cpu": ["1", "3"]}, 4)),
    )
    if templates and draw(st.integers(0, 4)) == 0:
        return replace(
            found, class_=None, provider=None, type=None, template=draw(st.sampled_from(templates))
        )
    if draw(st.booleans()):
        return replace(
            found, class_="ocf", provider="pacemaker", type=draw(st.sampled_from(["Dummy", "Stateful"]))
        )
    return found


@st.composite
def arranged(draw: Any, resource: Any, templates: list[str]) -> Any:
    """Draw how a resource runs."""
    match resource:
        case resources.Primitive():
            return draw(running(resource, templates))
        case resources.Group():
            members = tuple(draw(running(each, templates)) for each in resource.members)
            group = replace(resource, members=members)
            if draw(st.integers(0, 2)):
                return group
            meta = draw(options(nvsets.MetaAttributes, CLONE, 1))
            return resources.Clone(id=f"{resource.id}-clone", child=group, meta_attributes=meta)
        case resources.Clone():
            child = draw(running(resource.child, []))
            meta = (*resource.meta_attributes, *draw(options(nvsets.MetaAttributes, CLONE, 1)))
            if child.class_ == "ocf" and draw(st.booleans()):
                pair = nvsets.NvPair(name="promotable", value="true")
                meta = (*meta, nvsets.MetaAttributes(nvpairs=(pair,)))
            return replace(resource, child=child, meta_attributes=meta)
        case resources.Bundle():
            ocf = {"class_": "ocf", "provider": "pacemaker", "type": "Stateful"}
            inner = None if resource.primitive is None else replace(resource.primitive, **ocf)
            network = (
                replace(resource.network, control_port="3121") if inner is not None else resource.network
            )
            return replace(resource, primitive=inner, network=network)
    return resource


@st.composite
def on_members(draw: Any, constraint: Any) -> Any:
    """Draw a node that exists for a location of a node, and rules that match some nodes."""
    if not isinstance(constraint, constraints.Location):
        return constraint
    if constraint.node is not None:
        return replace(constraint, node=draw(st.sampled_from(MEMBERS)))
    attribute, value = draw(st.sampled_from([("#uname", "n1"), ("rack", "left"), ("#is_dc", "true")]))
    expression = rules.Expression(
        attribute=attribute, operation=draw(st.sampled_from(["eq", "ne"])), value=value
    )
    return replace(constraint, rules=(rules.Rule(expressions=(expression,), score=draw(SCORES)),))


@st.composite
def tickets(draw: Any, ids: list[str]) -> Any:
    policy = draw(st.sampled_from(["stop", "demote", "freeze"]))
    return constraints.Ticket(rsc=draw(st.sampled_from(ids)), ticket=draw(NAMES), loss_policy=policy)


@st.composite
def patterns(draw: Any, ids: list[str]) -> Any:
    pattern = draw(st.sampled_from(["^r-", ids[0].replace(".", r"\."), ".*"]))
    return constraints.Location(rsc_pattern=pattern, node=draw(st.sampled_from(MEMBERS)), score=draw(SCORES))


@st.composite
def acls(draw: Any, ids: list[str]) -> Any:
    permission = administration.AclPermission(kind="read", reference=draw(st.sampled_from(ids)))
    other = administration.AclPermission(kind="deny", xpath="//nvpair[@name='passwd']")
    roles = administration.RoleRef(id="operators")
    return (
        administration.AclRole(id="operators", permissions=(permission, other)),
        administration.AclTarget(id="alice", roles=(roles,)),
        administration.AclGroup(id="admins", roles=(roles,)),
    )


@st.composite
def alerts(draw: Any) -> Any:
    select = administration.Select(nodes=administration.SelectNodes())
    recipient = administration.Recipient(value=draw(TEXTS))
    meta = draw(options(nvsets.MetaAttributes, {"timeout": ["15s"]}))
    return administration.Alert(
        id="al", path="/bin/true", select=select, recipients=(recipient,), meta_attributes=meta
    )


@st.composite
def clusters(draw: Any) -> Cib:
    """Draw a configuration of three nodes."""
    cib = draw(cibs())
    templates = ["t-1"] if draw(st.booleans()) else []
    found = [draw(arranged(each, templates)) for each in cib.resources]
    ids = [str(each.id) for each in found]
    wrapped = dict(zip([str(each.id) for each in cib.resources], ids, strict=True))
    bound = [draw(on_members(_renamed(each, wrapped))) for each in cib.constraints]
    bound += draw(st.lists(tickets(ids), max_size=1)) + draw(st.lists(patterns(ids), max_size=1))
    if draw(st.integers(0, 2)):
        hosts = nvsets.InstanceAttributes(nvpairs=(nvsets.NvPair(name="pcmk_host_list", value="n1 n2 n3"),))
        found.append(
            resources.Primitive(id="d", class_="stonith", type="fence_x", instance_attributes=(hosts,))
        )
    if templates:
        found.append(resources.Template(id="t-1", class_="ocf", provider="pacemaker", type="Dummy"))
    levels = [replace(each, target=draw(st.sampled_from(MEMBERS))) for each in cib.fencing_levels]
    properties = draw(options(nvsets.PropertySet, PROPERTIES, 1))
    return replace(
        cib,
        property_sets=tuple(replace(each, id="cib-bootstrap-options") for each in properties),
        resource_defaults=(*cib.resource_defaults, *draw(options(nvsets.ResourceDefaults, META))),
        operation_defaults=draw(options(nvsets.OperationDefaults, {"timeout": ["30s"]})),
        nodes=tuple(
            nodes.Node(
                uname=name,
                instance_attributes=draw(options(nvsets.InstanceAttributes, NODE)),
                utilization=draw(options(nvsets.Utilization, {"cpu": ["4"]}, 1)),
            )
            for name in MEMBERS
        ),
        resources=tuple(found),
        constraints=tuple(bound),
        fencing_levels=tuple(levels) if any(each.id == "d" for each in found) else (),
        acls=draw(acls(ids) | st.just(())),
        alerts=tuple(draw(st.lists(alerts(), max_size=1))),
        tags=tuple(replace(each, members=(administration.ObjectRef(id=ids[0]),)) for each in cib.tags),
    )


def _renamed(constraint: Any, names: dict[str, str]) -> Any:
    """Return a constraint that names the clones around groups."""
    attributes = ("rsc", "with_rsc", "first", "then")
    changes = {
        each: names[value] for each in attributes if (value := getattr(constraint, each, None)) is not None
    }
    sets = tuple(
        replace(each, members=tuple(replace(ref, id=names[ref.id]) for ref in each.members))
        for each in getattr(constraint, "sets", ())
    )
    return replace(constraint, **changes, **({"sets": sets} if sets else {}))
