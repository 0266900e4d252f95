"""Nodes that are lost while an apply waits, and views of the cluster that say nothing about it."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.cib.tree.node_state import has_controller
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.outcome import ApplyEvent, EventHandler, LostNode, Pushed
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.plan.prediction.simulation import Simulation


class Observer:
    """Receives the events of an apply, keeps the last progress, and passes them on.

    Args:
        cib: The `<cib>` before the change.
        simulation: The state before the change, if it is known.
    """

    def __init__(self, on_event: EventHandler, cib: etree._Element, simulation: Simulation | None) -> None:
        self.progress: Progress | None = None
        self._on_event = on_event
        self._written: Version | None = None
        self._had_quorum = cib.get("have-quorum") != "0"
        self._joined = _controllers(cib)
        self._running = _running(simulation) if simulation else {}
        self._lost: dict[str, tuple[str, ...]] = {}
        self._online = set(self._joined)

    def __call__(self, event: ApplyEvent) -> None:
        """Receive an event."""
        if isinstance(event, Pushed):
            self._written = event.version
        elif isinstance(event, Progress):
            self.progress = event
            if not event.problem:
                self._compare(event)
        self._on_event(event)

    def check_view(self, snapshot: Snapshot) -> str:
        """Return why a view does not show the cluster, or an empty text.

        A node that has just booted has the CIB from its disk, without a DC. It may elect itself, without
        quorum, before it joins the others.
        """
        cib, version = snapshot.cib, snapshot.version
        if self._written is not None and version.configuration < self._written.configuration:
            return f"the node has an old CIB ({version}); it has not joined the cluster yet"
        if not cib.get("dc-uuid"):
            return "the node knows no DC; it has not joined the cluster yet, or the DC is being elected"
        if self._had_quorum and cib.get("have-quorum") == "0":
            return "the partition of the node has lost quorum"
        return ""

    def _compare(self, progress: Progress) -> None:
        joined = _controllers(progress.snapshot.cib)
        for node, since in self._joined.items():
            if joined.get(node) != since and node not in self._lost:
                self._lost[node] = self._running.get(node, ())
        self._online = set(joined)
        # What a node runs after it returned is not what was lost.
        self._joined |= {node: since for node, since in joined.items() if node not in self._lost}
        now = _running(progress.simulation)
        self._running = {n: now.get(n, ()) for n in {*self._running, *now} if n not in self._lost}

    @property
    def lost(self) -> tuple[LostNode, ...]:
        """The nodes that were lost."""
        return tuple(LostNode(node, names, node in self._online) for node, names in self._lost.items())


def _controllers(cib: etree._Element) -> dict[str, str]:
    """Return the nodes with a controller, and since when it is online where the value tells."""
    states = filter(has_controller, cib.iterfind("status/node_state"))
    return {str(state.get("uname")): str(state.get("crmd")) for state in states if state.get("uname")}


def _running(simulation: Simulation) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for state in simulation.resources:
        for node in state.nodes if state.active else ():
            role = " (promoted)" if state.role == "Promoted" else ""
            found.setdefault(node, []).append(f"{state.id.split(':')[0]}{role}")
    return {node: tuple(dict.fromkeys(names)) for node, names in found.items()}
