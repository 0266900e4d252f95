"""Obstacles in the nodes: standby, maintenance, nodes that are offline, health, and capacity."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.values import boolean
from pacemaker_os.plan.prediction.obstacles.obstacle import Edit, Obstacle, remove, set_property
from pacemaker_os.plan.prediction.obstacles.subject import Subject, Surroundings
from pacemaker_os.text import abbreviate, fold

#: A node whose controller runs and that has joined the cluster.
_ONLINE = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}

#: Where node attributes are: lasting and transient ones.
_ATTRIBUTES = ("configuration/nodes/node/instance_attributes", "status/node_state/transient_attributes/*")

#: Values of health attributes that keep resources away from a node, by node-health-strategy. So do negative
#: scores.
_UNHEALTHY = {
    "migrate-on-red": ("red",),
    "only-green": ("red", "yellow"),
    "progressive": ("red", "yellow"),
    "custom": (),
}


def symmetric(subject: Subject) -> Iterator[Obstacle]:
    """Yield the property that allows a resource only on the nodes that a location names."""
    if boolean(subject.around.options.get("symmetric-cluster", "true")) is False:
        yield Obstacle(
            key="property:symmetric-cluster",
            text="symmetric-cluster is false",
            edit=lambda cib: set_property(cib, "symmetric-cluster", "true"),
            place=True,
            advice=f"add a location of {subject.resource} to the document, or run:",
            command=("crm_attribute", "--name", "symmetric-cluster", "--delete"),
        )


def held(subject: Subject) -> Iterator[Obstacle]:
    """Yield the nodes in standby or in maintenance mode."""
    for name, what in (("standby", "standby"), ("maintenance", "maintenance mode")):
        found = [
            (node, lasting)
            for node, attribute, value, lasting in subject.around.attributes()
            if attribute == name and boolean(value) and (node in subject.nodes or not subject.nodes)
        ]
        if nodes := sorted({node for node, _ in found}):
            lifetime = () if found[0][1] else ("--lifetime", "reboot")
            yield Obstacle(
                key=f"{name}:{','.join(nodes)}",
                text=f"{fold(nodes)} {'are' if len(nodes) > 1 else 'is'} in {what}",
                edit=_without_attribute(name),
                place=True,
                advice="to end it, run:",
                command=("crm_attribute", "--node", found[0][0], "--name", name, *lifetime, "--delete"),
            )


def offline(subject: Subject) -> Iterator[Obstacle]:
    """Yield the cluster nodes that are not online, as one obstacle."""
    if nodes := subject.around.offline:
        yield Obstacle(
            key="offline",
            text=f"{fold(nodes)} {'are' if len(nodes) > 1 else 'is'} offline",
            edit=_all_online,
            place=True,
            advice="after you fix the cause, run:",
            command=("systemctl", "start", "pacemaker"),
            node=nodes[0],
        )


def _all_online(cib: etree._Element) -> None:
    status = cib.find("status")
    if status is None:
        return
    states = {state.get("id"): state for state in status.iterfind("node_state")}
    for node in cib.iterfind("configuration/nodes/node"):
        if node.get("type") != "remote":
            state = states.get(node.get("id"))
            if state is None:
                state = etree.SubElement(status, "node_state", id=str(node.get("id")))
                etree.SubElement(etree.SubElement(state, "lrm", id=str(node.get("id"))), "lrm_resources")
            state.set("uname", str(node.get("uname")))
            for name, value in _ONLINE.items():
                state.set(name, value)


def unhealthy(around: Surroundings) -> list[tuple[str, str, str, bool]]:
    """Return node, name and value of each health attribute that keeps resources away, and whether it lasts.

    Source: Pacemaker Explained, "Tracking Node Health".
    """
    strategy = around.options.get("node-health-strategy", "none")
    bad = _UNHEALTHY.get(strategy)
    if bad is None:
        return []
    attributes = (each for each in around.attributes() if each[1].startswith("#health"))
    return [each for each in attributes if each[2] in bad or (each[2].startswith("-") and strategy != "none")]


def without_health(node: str, name: str, *, lasting: bool) -> tuple[str, ...]:
    """Return the command that removes a health attribute."""
    if lasting:
        return "crm_attribute", "--node", node, "--name", name, "--delete"
    return "attrd_updater", "--node", node, "--name", name, "--delete"


def health(subject: Subject) -> Iterator[Obstacle]:
    """Yield the health attributes that keep resources away from nodes."""
    if found := unhealthy(subject.around):
        node, first, _, lasting = found[0]
        strategy = subject.around.options.get("node-health-strategy", "none")
        yield Obstacle(
            key="health",
            text=abbreviate([f"{name} of {node} is {value}" for node, name, value, _ in found]),
            edit=lambda cib: set_property(cib, "node-health-strategy", "none"),
            place=True,
            objects=tuple(dict.fromkeys(name for _, name, _, _ in found)),
            advice=f"node-health-strategy is {strategy}; after you fix the cause, run:",
            command=without_health(node, first, lasting=lasting),
        )


def utilization(subject: Subject) -> Iterator[Obstacle]:
    """Yield the capacity that the resource needs, with what is free on each node."""
    strategy = subject.around.options.get("placement-strategy", "default")
    own = subject.around.resources.get(subject.resource)
    if strategy == "default" or own is None:
        return
    needed = _values(own)
    if not needed:
        return
    free = ", ".join(f"{node} {_amounts(values)}" for node, values in sorted(_free(subject, needed).items()))
    name, identifier = next(iter(needed)), str(own.get("id"))
    yield Obstacle(
        key=f"utilization:{identifier}",
        text=f"it needs {_amounts(needed)}, and the nodes have free: {free or 'nothing'}",
        edit=_without_utilization(identifier),
        advice=f"raise the capacity of a node, or lower what {identifier} needs; to place it without, run:",
        command=("crm_resource", "--resource", identifier, "--utilization", "--delete-parameter", name),
    )


def _free(subject: Subject, needed: dict[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for node in subject.around.configuration.iterfind("nodes/node"):
        name, capacity = str(node.get("uname")), _values(node)
        if subject.nodes and name not in subject.nodes:
            continue
        used: Counter[str] = Counter()
        for resource in subject.running.get(name, ()):
            element = subject.around.resources.get(resource)
            used.update({} if element is None else _values(element))
        found[name] = {each: capacity.get(each, 0) - used[each] for each in needed}
    return found


def _values(element: etree._Element) -> dict[str, int]:
    """Return the utilization of a resource, or the capacity of a node."""
    found: dict[str, int] = defaultdict(int)
    for pair in element.iterfind("utilization/nvpair"):
        text = str(pair.get("value", ""))
        if text.lstrip("-").isdigit():
            found[str(pair.get("name"))] = int(text)
    return dict(found)


def _amounts(values: dict[str, int]) -> str:
    return " and ".join(f"{name} {value}" for name, value in values.items())


def _without_utilization(identifier: str) -> Edit:
    def edit(cib: etree._Element) -> None:
        for each in cib.iterfind("configuration/resources//*[@id]"):
            if each.get("id") == identifier:
                remove(each.findall("utilization"))

    return edit


def _without_attribute(name: str) -> Edit:
    """Return the edit that removes a node attribute, both lasting and transient ones."""

    def edit(cib: etree._Element) -> None:
        for path in _ATTRIBUTES:
            pairs = (pair for each in cib.iterfind(path) for pair in each.iterfind("nvpair"))
            remove(pair for pair in pairs if pair.get("name") == name)

    return edit
