"""States of clusters for tests, built without crm_mon."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree

from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.status.findings import find
from pacemaker_os.status.judge import with_judgements
from pacemaker_os.status.values import Node, Placement, Service, State

NODES = tuple(Node(name=f"n{number}", state="online", online=True) for number in (1, 2, 3))


def state(simulation: Simulation | None = None, **changes: Any) -> State:
    """Return a healthy cluster of three nodes, except for the changes, with its judgements and findings.

    `simulation` is what the scheduler does next.
    """
    made = State(
        cluster="lab",
        live=True,
        when="2026-01-02T03:04:05+00:00",
        version="3.0.0",
        cib="0.42.7",
        dc="n1",
        quorum=True,
        fencing=True,
        devices=1,
        nodes=NODES,
        services=(service("vip", "n1"), clone("lb")),
    )
    made = with_judgements(replace(made, **changes), simulation)
    return replace(made, findings=tuple(find(made)))


def service(name: str, *nodes: str, **more: Any) -> Service:
    """Return a primitive that runs on the nodes."""
    placements = (Placement("Started", nodes),) if nodes else ()
    more = {"kind": "primitive", "agent": "ocf:heartbeat:IPaddr2", **more}
    return Service(id=name, placements=placements, **more)


def clone(name: str, *nodes: str, **more: Any) -> Service:
    """Return a clone on the nodes, or on every node."""
    about = {"kind": "clone", "agent": "systemd:haproxy", "parents": (f"{name}-clone",), **more}
    return service(name, *(nodes or ("n1", "n2", "n3")), **about)


def promotable(name: str, promoted: str = "", unpromoted: str = "") -> Service:
    """Return a promotable clone; nodes are separated by spaces."""
    roles = (("Promoted", promoted), ("Unpromoted", unpromoted))
    placements = tuple(Placement(role, tuple(nodes.split())) for role, nodes in roles if nodes)
    return Service(
        id=name,
        kind="promotable",
        agent="ocf:pacemaker-os:galera",
        placements=placements,
        parents=(f"{name}-clone",),
    )


def codes(**changes: Any) -> list[str]:
    """Return the codes of the findings of `state`."""
    return [finding.code for finding in state(**changes).findings]


def configuration(inside: str) -> etree._Element:
    """Return a `<configuration>`."""
    return etree.fromstring(f"<configuration>{inside}</configuration>")


def result(inside: str) -> etree._Element:
    """Return a result of crm_mon."""
    return etree.fromstring(f"<pacemaker-result>{inside}</pacemaker-result>")
