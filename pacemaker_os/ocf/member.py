"""An agent whose nodes become members of a cluster of the service's own.

Each node tells the others what it has, and each decides from all of it what to do. Two facts of Pacemaker
shape how:

- It may start the nodes one after the other; while a machine is busy it gives the whole cluster one action
  at a time. A start that waits for another node's start could wait for ever. So what counts is told before
  any start, by the probe, and again by each stop; and a start that cannot go on yet ends well after some
  seconds: the node stands by, says that it is degraded, and is restarted once it can become a member.
- A change in the CIB ends the transition that starts the other nodes. So what nodes tell is not in the CIB.
"""

from __future__ import annotations

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.steps import RUNNING, STARTING, STOPPED, Wait, readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from pacemaker_os.ocf.steps import Boot, Create, Join

#: Seconds after which a node that waits for nodes that nobody starts stands by.
WAIT_FOR_PEERS = 5.0

PHASE_OF = {codes.NOT_RUNNING: STOPPED, codes.RUNNING: RUNNING}


class Member(Agent):
    """Base of such agents. A subclass says what a node tells (`report`, a value whose `phase` is one of
    steps.PHASES; `encode`, `decode`) and what follows from it (`decide`).
    """

    encode: Callable[[Any], str]
    decode: Callable[[str], Any]

    def report(self, phase: str) -> Any:
        """What this node is doing, and what it has."""
        raise NotImplementedError

    def decide(self, reports: Mapping[str, Any]) -> Boot | Create | Join | Wait:
        """What this node does to become a member, by what all nodes tell; itself is among them."""
        raise NotImplementedError

    def attribute(self, what: str) -> str:
        """The name of an attribute of this resource."""
        return f"{self.operation.resource}-{what}"

    def publish_report(self, phase: str) -> Any:
        """Tell the others what this node does, and what it has."""
        report = self.report(phase)
        self.cluster.publish_private(self.attribute("report"), type(self).encode(report))
        return report

    def try_publish_report(self, phase: str) -> None:
        """The same, where nothing may fail because of it: a probe must answer, and a stop must stop."""
        try:
            self.publish_report(phase)
        except Failure as failure:
            self.logger.warning(failure.reason)

    def reports(self) -> dict[str, Any]:
        """What the nodes tell."""
        return readable(self.cluster.attributes(self.attribute("report")), type(self).decode)

    def ready(self, members: Sequence[str]) -> list[str]:
        """Those of `members` on which Pacemaker can start something."""
        nodes = self.cluster.nodes()
        return [name for name in members if name in nodes and nodes[name].online and not nodes[name].standby]

    def probe(self) -> int:
        """Answer a probe, and tell the others what there is."""
        state = self.state()
        self.try_publish_report(PHASE_OF.get(state, STARTING))
        return state

    def next_step(self) -> Boot | Create | Join | Wait:
        """What to do to become a member; Wait when that cannot be known before this start must end."""
        own, settled = self.publish_report(STARTING), self.deadline.within(WAIT_FOR_PEERS)
        step: Boot | Create | Join | Wait

        def known() -> bool:
            nonlocal step
            # What this node tells comes back a moment later.
            reports = self.reports() | {self.operation.node: own}
            step = self.decide(reports)
            if not isinstance(step, Wait):
                return True
            coming = any(node in reports and reports[node].phase != STOPPED for node in step.nodes)
            return not coming and not settled.left

        self.deadline.part(0.5).try_wait(known, every=0.25)
        return step

    def wait_for_peers(self, reason: str) -> None:
        """End a start without a member; `not_a_member` says so from now on."""
        files.write(self.state_file("stands-by"), reason)

    def stop_waiting_for_peers(self) -> None:
        """Begin a start, or end it all."""
        files.remove(self.state_file("stands-by"))

    def not_a_member(self) -> int:
        """The state of a node on which nothing runs: it was never started, or it stands by."""
        reason = files.read(self.state_file("stands-by"))
        return codes.NOT_RUNNING if reason is None else self.degraded(f"it is no member yet: {reason}")

    def restart_when_ready(self) -> None:
        """Raise Failure once a node that stands by can go on, so that it is restarted."""
        step = self.decide(self.reports() | {self.operation.node: self.report(STARTING)})
        if not isinstance(step, Wait):
            raise Failure(f"this node stood by, and is restarted to become a member: {step.reason}")
