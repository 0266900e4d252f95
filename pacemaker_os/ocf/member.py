"""Base class of agents whose nodes form a cluster of the service's own.

Each node publishes a report on its data, and each node decides from all reports what to do next. Two
properties of Pacemaker determine how:

- It may start the nodes one after the other: on a busy host it runs one action at a time in the whole
  cluster. A start that waits for another node's start could wait forever. Therefore the probe publishes
  the report before any start, and each stop publishes it again. A start that cannot continue yet succeeds
  after some seconds without starting the service: the node waits for its peers, reports that it is
  degraded, and is restarted as soon as it can become a member.
- A change of the CIB aborts the transition that starts the other nodes. Therefore reports are private
  node attributes, which are not in the CIB.
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

    from pacemaker_os.ocf.steps import Boot, Form, Join

#: Time, in seconds, after which a start no longer waits for nodes that are not being started.
WAIT_FOR_PEERS = 5.0

PHASE_OF = {codes.NOT_RUNNING: STOPPED, codes.RUNNING: RUNNING}


class Member(Agent):
    """Base class of such agents.

    A subclass defines the report of a node (`report`, a value whose `phase` is one of steps.PHASES, with
    `encode` and `decode`) and the decision that follows from all reports (`decide`).
    """

    encode: Callable[[Any], str]
    decode: Callable[[str], Any]

    def report(self, phase: str) -> Any:
        """Return the report of this node: its phase, and its data."""
        raise NotImplementedError

    def decide(self, reports: Mapping[str, Any]) -> Boot | Form | Join | Wait:
        """Return the next step of this node. `reports` are those of all nodes, including this one."""
        raise NotImplementedError

    def attribute(self, what: str) -> str:
        """Return the name of a node attribute of this resource."""
        return f"{self.operation.resource}-{what}"

    def publish_report(self, phase: str) -> Any:
        """Publish the report of this node, and return it."""
        report = self.report(phase)
        self.cluster.publish_private(self.attribute("report"), type(self).encode(report))
        return report

    def try_publish_report(self, phase: str) -> None:
        """Publish the report, but ignore a failure: a probe must return a state, and a stop must stop."""
        try:
            self.publish_report(phase)
        except Failure as failure:
            self.logger.warning(failure.reason)

    def reports(self) -> dict[str, Any]:
        """Return the reports of all nodes."""
        return readable(self.cluster.attributes(self.attribute("report")), type(self).decode)

    def ready(self, members: Sequence[str]) -> list[str]:
        """Return those of `members` on which Pacemaker can start resources."""
        nodes = self.cluster.nodes()
        return [name for name in members if name in nodes and nodes[name].online and not nodes[name].standby]

    def probe(self) -> int:
        """Return the state, and publish the report of this node."""
        state = self.state()
        self.try_publish_report(PHASE_OF.get(state, STARTING))
        return state

    def next_step(self) -> Boot | Form | Join | Wait:
        """Return the next step to become a member; Wait if it is still unknown when this start must end."""
        own, settled = self.publish_report(STARTING), self.deadline.within(WAIT_FOR_PEERS)
        step: Boot | Form | Join | Wait

        def known() -> bool:
            nonlocal step
            # The published report of this node arrives with a delay.
            reports = self.reports() | {self.operation.node: own}
            step = self.decide(reports)
            if not isinstance(step, Wait):
                return True
            coming = any(node in reports and reports[node].phase != STOPPED for node in step.nodes)
            return not coming and not settled.left

        self.deadline.part(0.5).try_wait(known, every=0.25)
        return step

    def wait_for_peers(self, reason: str) -> None:
        """End a start without starting the service. From now on, `not_a_member` reports the reason."""
        self.write_state("stands-by", reason)

    def stop_waiting_for_peers(self) -> None:
        """Clear the waiting state, at the beginning of a start or at a stop."""
        files.remove(self.state_file("stands-by"))

    def not_a_member(self) -> int:
        """Return the state of a node without a running service: stopped, or waiting for its peers."""
        reason = files.read(self.state_file("stands-by"))
        return codes.NOT_RUNNING if reason is None else self.degraded(f"not a cluster member yet: {reason}")

    def restart_when_ready(self) -> None:
        """Raise Failure as soon as a waiting node can continue, so that Pacemaker restarts it."""
        step = self.decide(self.reports() | {self.operation.node: self.report(STARTING)})
        if not isinstance(step, Wait):
            raise Failure(f"restarting to join the cluster: {step.reason}")
