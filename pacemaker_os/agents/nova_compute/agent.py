"""The actions of the nova-compute agent."""

from __future__ import annotations

import time

from pacemaker_os.agents.openstack_service.agent import OpenStackService
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.parameter import Boolean

#: The permanent attribute of a node whose instances are not yet accounted for (nova_evacuate.requests).
EVACUATION = "nova-evacuation"
#: The transient attribute that says on which nodes nova-compute runs, and since when: what it was building
#: before, it has forgotten (nova_evacuate.requests).
RUNS = "nova-compute-runs"
#: The transient attribute that names the instances that crashed on a node (nova_evacuate.requests).
CRASHED = "nova-crashed"

#: Seconds in which libvirt says which guests crashed; it is asked again at the next monitor.
LIBVIRT = 10.0


def booted() -> float:
    """When the node's first process began, in seconds since 1970; 0 when that cannot be known.

    In a container that is the container's own, which the kernel's time of boot is not.
    """
    import os

    stat, uptime = files.read("/proc/1/stat") or "", files.read("/proc/uptime") or ""
    words = stat.rpartition(")")[2].split()
    if len(words) < 20 or not uptime:
        return 0.0
    age = float(uptime.split()[0]) - int(words[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - age


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

    detect_crashed_instances = Boolean(
        """Whether to ask libvirt for instances that crashed, so that nova-evacuate starts them again. Those
        that were shut down from inside, or stopped by their owner, stay off.""",
        default="no",
        reloadable=True,
        renamed_from="watch_instances",
    )

    def start(self) -> None:
        self.wait_for_evacuation()
        if self.state() == codes.NOT_RUNNING:
            files.make_directory(self.operation.state_directory)
            files.write(self.state_file("began"), f"{time.time():.0f}-{booted():.0f}")
        super().start()
        self.cluster.publish(RUNS, self.began())

    def began(self) -> str:
        """When nova-compute was started, and when the node was, in seconds since 1970; 0: who knows."""
        return (files.read(self.state_file("began")) or "0").strip()

    def wait_for_evacuation(self) -> None:
        """Wait a while for the evacuation of this node to end. Raises Failure when it has not."""
        if not self.deadline.part(0.6).try_wait(lambda: not self.cluster.permanent(EVACUATION), every=1.0):
            request = self.cluster.permanent(EVACUATION)
            raise Failure(
                f"the evacuation of this node is not over (request {request}); nova-evacuate ends it"
            )

    def monitor(self) -> int:
        seen = super().monitor()
        if self.operation.is_probe:
            return seen
        if seen in codes.UP:
            self.cluster.publish(RUNS, self.began())
            if self.detect_crashed_instances:
                self.tell_crashed()
        else:
            self.cluster.withdraw(RUNS)
        return seen

    def tell_crashed(self) -> None:
        """Name the instances that crashed."""
        from pacemaker_os.agents.nova_compute.crashed import crashed

        try:
            found = crashed(lambda argv: self.ask(argv, within=LIBVIRT))
        except Failure as failure:  # no virsh, or a libvirt that hangs, which its own resource finds
            self.logger.warning(f"libvirt does not say which instances crashed: {failure.reason}")
            return
        if found:
            self.cluster.publish(CRASHED, " ".join(found))
        else:
            self.cluster.withdraw(CRASHED)

    def stop(self) -> None:
        super().stop()
        self.cluster.withdraw(RUNS)
        self.cluster.withdraw(CRASHED)


AGENT = NovaCompute
