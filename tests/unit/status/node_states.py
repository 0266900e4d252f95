"""Facts about nodes for tests, as the program on a node reports them."""

from __future__ import annotations

from typing import Any

from states import state

from pacemaker_os.status.finding import Finding
from pacemaker_os.status.health.health import Health
from pacemaker_os.status.health.node_facts import LogLine, NodeFacts, read_node_facts

NAMES = {"1": "n1", "2": "n2", "3": "n3"}

#: A time, and the same as a node writes it into its CIB.
NOW = 1_796_064_000.0

_DAEMONS = ("corosync", "pacemakerd", "pacemaker-based", "pacemaker-controld", "pacemaker-execd", "pcsd")


def daemon(name: str, **changes: Any) -> dict[str, Any]:
    found = {"name": name, "runs": True, "answers": True, "starved": False, "process": "S"}
    return {**found, "since": NOW - 5000, **changes}


def view(**changes: Any) -> dict[str, Any]:
    nodes = [{"uname": name, "crmd": "1796000000", "join": "member"} for name in NAMES.values()]
    found = {"admin_epoch": "0", "epoch": "12", "num_updates": "7", "have-quorum": "1", "dc-uuid": "1"}
    return {**found, "cib-last-written": "Mon Nov 30 10:00:00 2026", "nodes": nodes, **changes}


def facts(node: str, clock: float = 0.0, **sections: Any) -> NodeFacts:
    """Return the facts of a healthy node, except for the given sections; None removes a section."""
    healthy = {
        **{f"daemon:{name}": daemon(name) for name in _DAEMONS},
        "view": view(),
        "disk": {"admin_epoch": "0", "epoch": "12", "error": "", "written": NOW, "foreign": []},
        "file_systems": [space("/var/log")],
        "units": {"pcsd": {"UnitFileState": "enabled", "ActiveState": "active"}},
        "links": {
            "id": 1,
            "links": [{"link": 0, "peer": int(n), "connected": True} for n in NAMES if NAMES[n] != node],
        },
        "addresses": {"own": [f"02:00:00:00:00:0{node[-1]}"], "held": {}, "answers": {}},
        "log": [],
    }
    found = {name: value for name, value in {**healthy, **sections}.items() if value is not None}
    return read_node_facts(node, {"when": NOW, "sections": found}, NAMES, (clock, 0.1))


def space(path: str, **changes: Any) -> dict[str, Any]:
    return {"path": path, "free": 9000, "needed": 50, "low": False, "read_only": False, **changes}


def health(*nodes: NodeFacts, **more: Any) -> Health:
    """Return the health of three nodes, of which some are given."""
    given = {each.node: each for each in nodes}
    everyone = tuple(given.get(name) or facts(name) for name in NAMES.values())
    return Health(**{"connected": "n1", "nodes": everyone, **more})


def findings(*nodes: NodeFacts, **more: Any) -> tuple[Finding, ...]:
    """Return the findings of a cluster that is healthy except for what these nodes report."""
    return state(health=health(*nodes), **more).findings


def log(*lines: str, when: float = NOW, pid: int = 100) -> tuple[LogLine, ...]:
    """Return lines of a log, given as `daemon: text`."""
    pairs = (line.partition(": ") for line in lines)
    return tuple(LogLine(when, daemon, pid, "warning", text) for daemon, _, text in pairs)
