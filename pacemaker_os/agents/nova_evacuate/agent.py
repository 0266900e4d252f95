"""The actions of the nova-evacuate agent."""

from __future__ import annotations

import time

from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import CONFIGURED, Failure
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.parameter import Boolean, Duration, Integer, Path, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.agents.nova_evacuate.settings import Settings

#: Time, in seconds, without a poll cycle after which the engine counts as hung. All its waits are shorter.
HUNG = 600.0


class NovaEvacuate(Agent):
    """Evacuates instances of failed compute nodes. A node counts as failed only after Pacemaker fenced it
    and fence_nova recorded that; Nova's own view of the node is ignored. Each instance is evacuated
    once, and never while it may still run on its old node. Instances that cannot be evacuated safely
    are reported instead. All progress is stored in Nova's own records, so the agent can be stopped,
    killed and moved at any time. Configure one instance of the resource on the controllers.
    """

    name = "nova-evacuate"
    summary = "Evacuates the instances of fenced compute nodes"
    actions = (
        Action("start", timeout=30),
        Action("stop", timeout=30),
        Action("monitor", timeout=30, interval=10),
    )

    credentials_file = Path(
        """OpenStack credentials file (OS_* variables of a Nova administrator, or an application
        credential). Must be readable by root only. OS_CACERT sets the CA bundle.""",
        default="/etc/pacemaker-os/nova.conf",
        renamed_from="credentials",
    )
    domain = String("Domain that Nova's host names have after the node name: example.org.", reloadable=True)
    include = String(
        """Rules for instances to evacuate, as KIND:PATTERN separated by spaces. An instance is evacuated
        if any of these rules match: flavor:ha=true image:ha=true aggregate:ha=true project:ID tag:ha
        metadata:HA_Enabled=true name:web-* server:ID. Default: all instances.""",
        reloadable=True,
    )
    exclude = String(
        "Rules for instances that are never evacuated. They have the form of the rules in include.",
        default="name:amphora-*",
        reloadable=True,
    )
    shared_storage = Boolean(
        """Shared storage for all instances (Ceph, NFS), which every compute node can access. Without it,
        an instance with a local disk is reported and not evacuated, because it would be rebuilt with an
        empty disk.""",
        default="no",
        reloadable=True,
    )
    rebuild_local_disks = String(
        "Rules for instances that may be rebuilt with empty disks if storage is not shared.",
        reloadable=True,
        renamed_from="rebuild",
    )
    priority = String(
        """Name of an instance metadata key, or of a flavor extra spec, whose value is the evacuation
        priority. Instances with higher numbers are evacuated first. The default priority is 0.""",
        default="evacuation-priority",
        reloadable=True,
    )
    max_concurrent = Integer(
        "Maximum number of concurrent evacuations per failed node.",
        default="20",
        minimum=1,
        maximum=1000,
        reloadable=True,
        renamed_from="at_once",
    )
    threshold = Integer(
        """Maximum percentage of failed compute nodes. Above it, and with more than two failed nodes, the
        engine assumes a network failure: it evacuates nothing, and the monitor reports it.""",
        default="50",
        maximum=100,
        reloadable=True,
    )
    delay = Duration("Delay between fencing and the first evacuation.", default="0", reloadable=True)
    request_grace_period = Duration(
        """Time for which Nova may still execute a request without a conclusive response; the request is
        not repeated before. It must exceed the longest timeout of the load balancer and the API.""",
        default="60s",
        reloadable=True,
        renamed_from="settle",
    )
    evacuation_timeout = Duration(
        "Time after which an evacuation in progress is reported as stuck.",
        default="10min",
        reloadable=True,
        renamed_from="stuck",
    )
    max_attempts = Integer(
        """Maximum number of failed evacuation attempts per instance. It is at most two once the node of
        the instance is back, where the instance then runs.""",
        default="5",
        minimum=1,
        maximum=100,
        reloadable=True,
        renamed_from="attempts",
    )
    backoff = Duration(
        "Delay after a failed evacuation attempt; it doubles each time.", default="10s", reloadable=True
    )
    capacity_timeout = Duration(
        "Time to wait for a host with free capacity for an instance.",
        default="10min",
        reloadable=True,
        renamed_from="patience",
    )
    reserved_hosts = String(
        """Reserved hosts: disabled compute nodes, by their names in Nova. For each fenced node the engine
        enables one, adds it to the aggregates of that node, and evacuates the instances to it.""",
        reloadable=True,
    )
    reenable = Boolean(
        "Re-enable the compute service of a node that returned.", default="yes", reloadable=True
    )
    service_down_timeout = Duration(
        """Time that nova-compute may be down on an online node before its compute service is disabled, so
        that it gets no new instances.""",
        default="2min",
        reloadable=True,
        renamed_from="process_patience",
    )
    max_restarts_per_hour = Integer(
        """Maximum number of restarts per hour of a crashed instance on its host, before it is migrated to
        another host. Requires detect_crashed_instances=yes of the nova-compute agent.""",
        default="3",
        maximum=100,
        reloadable=True,
        renamed_from="restarts",
    )
    metrics_file = Path(
        """Metrics file for the textfile collector of node_exporter:
        /var/lib/prometheus/node-exporter/pacemaker-os.prom.""",
        reloadable=True,
        renamed_from="metrics",
    )

    def daemon(self) -> Daemon:
        """Return the process of the engine. This needs no parameter."""
        return Daemon(self.state_file("daemon"), programs=())

    @property
    def status(self) -> str:
        """The file with the status of the engine."""
        return self.state_file("status")

    def settings(self) -> Settings:
        """Return the settings of the engine."""
        from dataclasses import fields

        from pacemaker_os.agents.nova_evacuate import launch
        from pacemaker_os.agents.nova_evacuate.settings import Settings

        own = {parameter.name: parameter.value(self) for parameter in self.parameters()}
        settings_names = {field.name for field in fields(Settings)}
        values = {name: value for name, value in own.items() if name in settings_names}
        return Settings(**values, status=self.status, code=launch.own_code())

    def state(self) -> int:
        if not self.daemon().find():
            return codes.NOT_RUNNING
        status = (files.read(self.status) or "ok").strip()
        return codes.RUNNING if status == "ok" else self.degraded(status)

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def monitor(self) -> int:
        seen = self.state()
        if seen == codes.NOT_RUNNING or self.operation.is_probe:
            return seen
        age = time.time() - (files.modification_time(self.status) or 0.0)
        if age > HUNG:
            raise Failure(f"the evacuation engine has not completed a poll cycle for {age:.0f} s")
        self.renew()
        return seen

    def renew(self) -> None:
        """Update the settings of an engine of another release, so that it restarts with this one.

        That engine completes a poll cycle with these settings before it restarts.
        """
        from pacemaker_os.agents.nova_evacuate import launch, settings

        path = self.state_file("settings")
        if files.is_file(path) and settings.read(path).code != launch.own_code():
            renamed = {each.name: each.renamed_from for each in self.parameters() if each.renamed_from}
            settings.write(path, self.settings(), renamed)

    def validate(self) -> None:
        from pacemaker_os.agents.nova_evacuate.nova import credentials

        credentials.read(self.credentials_file)
        try:
            self.settings().policy()
        except Failure as failure:
            raise Failure(f"invalid rules: {failure.reason}", CONFIGURED) from None

    def start(self) -> None:
        from pacemaker_os.agents.nova_evacuate import launch, requests, settings

        files.make_directory(self.operation.state_directory)
        files.remove(self.status)
        path = self.state_file("settings")
        settings.write(path, self.settings())
        argv = launch.line(launch.own_code(), path, self.operation.instance)
        self.daemon().launch(argv, log=self.state_file("output"), environ=requests.cib_file_environ())
        self.deadline.wait("the evacuation engine to start", self.has_started, every=0.05)

    def has_started(self) -> bool:
        """Return whether the engine has started. Raises Failure if it has exited."""
        if not self.daemon().find():
            lines = files.tail(self.state_file("output")).splitlines()
            raise Failure(
                f"the evacuation engine exited during startup: {lines[-1] if lines else 'no output'}"
            )
        return files.is_file(self.status)

    def stop(self) -> None:
        from contextlib import suppress

        from pacemaker_os.agents.nova_evacuate import requests

        how = self.daemon().stop(self.deadline, grace=2.0)
        files.remove(self.status)
        with suppress(Failure):  # a stop must not fail because of the report
            requests.Requests(requests.run_program).publish_engine_report("")
        self.logger.info(f"evacuation engine: {how}")

    def reload_agent(self) -> None:
        from pacemaker_os.agents.nova_evacuate import settings

        settings.write(self.state_file("settings"), self.settings())


AGENT = NovaEvacuate
