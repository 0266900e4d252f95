"""The actions of the nova-compute agent."""

from __future__ import annotations

import time

from pacemaker_os.agents.openstack_service.agent import OpenStackService
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.parameter import Boolean

#: Permanent node attribute that exists while the node is being evacuated (nova_evacuate.requests).
EVACUATION = "nova-evacuation"
#: Transient node attribute that exists while nova-compute runs on the node. Its value is the start time:
#: rebuilds that it had begun before were lost (nova_evacuate.requests).
RUNS = "nova-compute-runs"
#: Transient node attribute with the instances that crashed on the node (nova_evacuate.requests).
CRASHED = "nova-crashed"

#: Timeout of the query for crashed guests, in seconds; the next monitor repeats it.
LIBVIRT_TIMEOUT = 10.0


def booted() -> float:
    """Return the start time of the node's first process, in seconds since 1970; 0 if it is unknown.

    In a container this is the start of the container, unlike the boot time of the kernel.
    """
    import os

    stat, uptime = files.read("/proc/1/stat") or "", files.read("/proc/uptime") or ""
    fields = stat.rpartition(")")[2].split()
    if len(fields) < 20 or not uptime:
        return 0.0
    age = float(uptime.split()[0]) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - age


class NovaCompute(OpenStackService):
    """Manages nova-compute with the checks of openstack-service, and does not start it while the node is
    being evacuated: it would start instances that are being rebuilt on other nodes. A location rule on
    the node attribute nova-evacuation prevents Pacemaker from trying; without that rule, the agent
    itself refuses to start. While nova-compute runs, the agent sets a node attribute, and nova-evacuate
    then re-enables the compute service. Configure the resource as a clone on the compute nodes.
    """

    name = "nova-compute"
    summary = "nova-compute that does not start while its node is being evacuated"

    detect_crashed_instances = Boolean(
        """Detection of crashed instances through libvirt; nova-evacuate restarts them. Instances that were
        shut down from inside, or stopped by their owner, are not restarted.""",
        default="no",
        reloadable=True,
        renamed_from="watch_instances",
    )

    def start(self) -> None:
        self.wait_for_evacuation()
        if self.state() == codes.NOT_RUNNING:
            self.write_state("began", f"{time.time():.0f}-{booted():.0f}")
        super().start()
        self.cluster.publish(RUNS, self.began())

    def began(self) -> str:
        """Return the start times of nova-compute and the node, in seconds since 1970; 0 if unknown."""
        return (files.read(self.state_file("began")) or "0").strip()

    def wait_for_evacuation(self) -> None:
        """Wait for the end of the evacuation of this node. Raises Failure if it is not complete in time."""
        if not self.deadline.part(0.6).try_wait(lambda: not self.cluster.permanent(EVACUATION), every=1.0):
            request = self.cluster.permanent(EVACUATION)
            raise Failure(
                f"this node is still being evacuated (request {request}); nova-compute starts "
                "when nova-evacuate has finished"
            )

    def monitor(self) -> int:
        seen = super().monitor()
        if self.operation.is_probe:
            return seen
        if seen in codes.UP:
            self.cluster.publish(RUNS, self.began())
            if self.detect_crashed_instances:
                self.publish_crashed()
        else:
            self.cluster.withdraw(RUNS)
        return seen

    def publish_crashed(self) -> None:
        """Publish the instances that crashed."""
        from pacemaker_os.agents.nova_compute.crashed import crashed

        try:
            found = crashed(lambda argv: self.run_command(argv, within=LIBVIRT_TIMEOUT))
        except Failure as failure:  # virsh is missing, or libvirt hangs
            self.logger.warning(f"cannot query libvirt for crashed instances: {failure.reason}")
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
