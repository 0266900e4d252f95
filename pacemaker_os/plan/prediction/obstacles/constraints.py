"""Obstacles in constraints: tickets, locations, dependencies, and order loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from lxml import etree

from pacemaker_os.cib.tree.relations import Relation
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.cib.values import INFINITY, boolean, score
from pacemaker_os.plan.prediction.obstacles.dates import next_change
from pacemaker_os.plan.prediction.obstacles.obstacle import Edit, Obstacle, remove, remover
from pacemaker_os.plan.prediction.obstacles.subject import Subject, Surroundings
from pacemaker_os.text import fold

_CONSTRAINTS = "configuration/constraints/*"


def tickets(subject: Subject) -> Iterator[Obstacle]:
    """Yield the tickets that are not granted, or that are in standby."""
    for constraint in subject.constraints("rsc_ticket"):
        ticket = str(constraint.get("ticket"))
        found = subject.around.cib.iterfind("status/tickets/*")
        state = next((each for each in found if each.get("id") == ticket), None)
        granted = state is not None and boolean(state.get("granted", ""))
        if not granted or (state is not None and boolean(state.get("standby", ""))):
            yield Obstacle(
                key=f"ticket:{ticket}",
                text=f"the ticket {ticket} is {'in standby' if granted else 'not granted'}",
                edit=_granting(ticket),
                objects=(str(constraint.get("id")),),
                advice="if no other site may have the ticket, run:",
                command=(
                    "crm_ticket",
                    "--ticket",
                    ticket,
                    *(("--activate",) if granted else ("--grant", "--force")),
                ),
            )


def _granting(ticket: str) -> Edit:
    def edit(cib: etree._Element) -> None:
        status = cib.find("status")
        if status is None:
            status = etree.SubElement(cib, "status")
        states = status.find("tickets")
        if states is None:
            states = etree.SubElement(status, "tickets")
        remove(each for each in states if each.get("id") == ticket)
        etree.SubElement(states, "ticket_state", id=ticket, granted="true", standby="false")

    return edit


def dependencies(subject: Subject) -> Iterator[Obstacle]:
    """Yield the resources that this one needs, and that cannot run."""
    names = subject.names
    for relation in subject.around.relations:
        dependent = relation.then in names and relation.first not in names
        if dependent and not relation.apart and relation.first in subject.stopped:
            yield _related(relation, f"depends on {relation.first}, which cannot run ({relation.constraint})")


def apart(subject: Subject) -> Iterator[Obstacle]:
    """Yield the colocations with resources on whose nodes this one must not run."""
    names = subject.names
    for relation in subject.around.relations:
        sides = {relation.then, relation.first}
        if relation.apart and (other := sides - names) and len(other) == 1:
            yield _related(relation, f"must not run on the node of {other.pop()} ({relation.constraint})")


def together(subject: Subject) -> Iterator[Obstacle]:
    """Yield the colocations with resources that run, and on whose nodes alone this one may run."""
    names = subject.names
    for relation in subject.around.relations:
        partner = relation.kind == "colocation" and not relation.apart and relation.then in names
        if partner and relation.first not in {*names, *subject.stopped}:
            role = f"the {relation.action.lower()} role of " if relation.action else ""
            yield _related(relation, f"must run with {role}{relation.first} ({relation.constraint})")


def loops(subject: Subject) -> Iterator[Obstacle]:
    """Yield the orders of the loop that the start of the resource waits for."""
    if not subject.loop:
        return
    members = [subject.around.names_of(each) for each in (*subject.loop, subject.loop[0])]
    orders = [
        relation
        for one, other in pairwise(members)
        for relation in subject.around.relations
        if relation.kind == "order"
        and (
            (relation.then in one and relation.first in other)
            or (relation.first in one and relation.then in other)
        )
    ]
    ids = list(dict.fromkeys(each.constraint for each in orders))
    for identifier in ids:
        yield _constraint(
            identifier, f"order loop: {' after '.join(subject.loop)} ({', '.join(ids)})", ids=tuple(ids)
        )


def has_order_loop(around: Surroundings) -> bool:
    """Return whether mandatory orders between services form a loop, so that some starts may never run."""
    edges: dict[str, set[str]] = {}
    for relation in around.relations:
        first, then = _service(around, relation.first), _service(around, relation.then)
        if relation.kind == "order" and first != then:
            edges.setdefault(first, set()).add(then)
    try:
        tuple(TopologicalSorter(edges).static_order())
    except CycleError:
        return True
    return False


def _service(around: Surroundings, resource: str) -> str:
    """Return the outermost group, clone or bundle that contains a resource."""
    element = around.resources.get(resource)
    outer = [] if element is None else list(element.iterancestors(*RESOURCE_TAGS))
    return str(outer[-1].get("id")) if outer else resource


def locations(subject: Subject) -> Iterator[Obstacle]:
    """Yield the locations that forbid or require nodes; those that only forbid one are combined."""
    found = [each for each in subject.constraints("rsc_location") if restricts_nodes(each)]
    if bans := [each for each in found if is_ban(each)]:
        yield _bans(subject, bans)
    for each in found:
        if not is_ban(each):
            yield _rule(subject, each)


def _bans(subject: Subject, bans: list[etree._Element]) -> Obstacle:
    nodes = sorted({str(each.get("node")) for each in bans})
    ids = tuple(dict.fromkeys(str(each.get("id")) for each in bans))
    by_operator = [each for each in bans if str(each.get("id")).startswith("cli-")]
    if len(by_operator) == len(bans):
        resource = str(bans[0].get("rsc") or subject.resource)
        advice = "to remove the bans, run:"
        command: tuple[str, ...] = ("crm_resource", "--clear", "--resource", resource)
    else:
        first = by_operator[0] if by_operator else bans[0]
        advice, command = _deletion("rsc_location", str(first.get("id")))
    return Obstacle(
        key=f"location:{','.join(sorted(ids))}",
        text=f"it avoids {fold(nodes)}",
        edit=remover(_CONSTRAINTS, ids),
        place=True,
        objects=ids,
        advice=advice,
        command=command,
    )


def _rule(subject: Subject, location: etree._Element) -> Obstacle:
    identifier = str(location.get("id"))
    attributes = sorted({str(each.get("attribute")) for each in location.iter("expression")})
    read = f", node attribute {', '.join(attributes)}" if attributes else ""
    dated = ""
    if location.find(".//date_expression") is not None:
        change = next_change(location, subject.now) if subject.now is not None else None
        dated = f", a date rule that {f'changes at {change}' if change else 'never changes again'}"
    advice, command = _deletion("rsc_location", identifier)
    return Obstacle(
        key=f"location:{identifier}",
        text=f"{identifier}{read}{dated}",
        edit=remover(_CONSTRAINTS, (identifier,)),
        place=True,
        objects=(identifier,),
        advice=advice,
        command=command,
    )


def restricts_nodes(location: etree._Element) -> bool:
    """Return whether a location forbids or requires nodes, instead of only preferring them."""
    scores = [location.get("score"), *(rule.get("score") for rule in location.iter("rule"))]
    return location.get("resource-discovery") == "exclusive" or any(
        abs(score(each) or 0) >= INFINITY for each in scores if each
    )


def is_ban(location: etree._Element) -> bool:
    """Return whether a location only forbids one node."""
    return location.get("node") is not None and (score(location.get("score", "0")) or 0) <= -INFINITY


def _related(relation: Relation, text: str) -> Obstacle:
    return _constraint(relation.constraint, text)


def _constraint(identifier: str, text: str, ids: Iterable[str] = ()) -> Obstacle:
    """Return the obstacle of an order or a colocation; a group cannot be removed, so it has no command."""
    advice, command = _deletion("*", identifier)
    return Obstacle(
        key=f"constraint:{identifier}",
        text=text,
        edit=remover(_CONSTRAINTS, (identifier,)),
        objects=(identifier, *(each for each in ids if each != identifier)),
        advice=advice,
        command=command,
    )


def _deletion(tag: str, identifier: str) -> tuple[str, tuple[str, ...]]:
    return "to remove it, run:", (
        "cibadmin",
        "--delete",
        "--xpath",
        f"//constraints/{tag}[@id='{identifier}']",
    )
