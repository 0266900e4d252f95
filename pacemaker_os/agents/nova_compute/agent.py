"""The actions of the nova-compute agent."""

from __future__ import annotations

from pacemaker_os.agents.openstack_service.agent import OpenStackService
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.codes import Failure

#: The permanent attribute of a node whose instances are not yet accounted for (nova_evacuate.requests).
EVACUATION = "nova-evacuation"
#: The transient attribute that says on which nodes nova-compute runs (nova_evacuate.requests).
RUNS = "nova-compute-runs"


class NovaCompute(OpenStackService):
    """nova-compute, judged as openstack-service judges a worker, and started only when the instances that
    ran on the node before it was fenced are accounted for: a nova-compute that starts earlier would wake
    instances that are being built elsewhere. A location rule on the node attribute nova-evacuation keeps
    Pacemaker from trying; this agent refuses where there is no such rule. While nova-compute runs, the
    agent says so to nova-evacuate, which then gives the node back to Nova. Use a clone on the compute
    nodes.
    """

    name = "nova-compute"
    summary = "nova-compute, kept away while its node is evacuated"

    def start(self) -> None:
        self.wait_for_evacuation()
        super().start()
        self.cluster.publish(RUNS, "1")

    def wait_for_evacuation(self) -> None:
        """Wait a while for the evacuation of this node to end. Raises Failure when it has not."""
        if not self.deadline.part(0.6).holds(lambda: not self.cluster.permanent(EVACUATION), every=1.0):
            request = self.cluster.permanent(EVACUATION)
            raise Failure(
                f"the evacuation of this node is not over (request {request}); nova-evacuate ends it"
            )

    def monitor(self) -> int:
        seen = super().monitor()
        if self.operation.is_probe:
            return seen
        if seen in codes.UP:
            self.cluster.publish(RUNS, "1")
        else:
            self.cluster.withdraw(RUNS)
        return seen

    def stop(self) -> None:
        super().stop()
        self.cluster.withdraw(RUNS)


AGENT = NovaCompute
