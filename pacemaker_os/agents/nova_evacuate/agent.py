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

#: Seconds without a look after which the process hangs: every wait in a look has an end before that.
HUNG = 600.0


class NovaEvacuate(Agent):
    """Lets the instances of a compute node that was fenced run again on other nodes: each once, and none
    while it may still run where it was. A node counts as dead when Pacemaker fenced it and the fencing
    agent fence_nova wrote that down in the cluster; what Nova thinks of a node is no reason to do
    anything. What was done is seen in Nova's own records, so that this agent can be killed and moved at
    any moment. Instances that an evacuation would harm are reported, not evacuated. Use one instance on
    the controllers.
    """

    name = "nova-evacuate"
    summary = "Runs the instances of fenced compute nodes elsewhere"
    actions = (
        Action("start", timeout=30),
        Action("stop", timeout=30),
        Action("monitor", timeout=30, interval=10),
    )

    credentials_file = Path(
        """A file with OS_AUTH_URL and the other OS_ variables of a user that may administer Nova, or of an
        application credential; readable by root alone. OS_CACERT names the authority that certifies the
        services.""",
        default="/etc/pacemaker-os/nova.conf",
        renamed_from="credentials",
    )
    domain = String("What Nova's host names have after the node's name: example.org.", reloadable=True)
    include = String(
        """Which instances are evacuated, as rules KIND:PATTERN with blanks between them, of which one must
        match: flavor:ha=true image:ha=true aggregate:ha=true project:ID tag:ha metadata:HA_Enabled=true
        name:web-* server:ID. Default: every instance.""",
        reloadable=True,
    )
    exclude = String(
        "Which instances are never evacuated, as rules of the same kind.",
        default="name:amphora-*",
        reloadable=True,
    )
    shared_storage = Boolean(
        """Whether every compute node reaches every instance's disks (Ceph, NFS). If not, an instance with a
        local disk is reported and not evacuated, because it would be built anew with an empty disk.""",
        default="no",
        reloadable=True,
    )
    rebuild_local_disks = String(
        "Which instances may be built anew with empty disks where storage is not shared, as rules.",
        reloadable=True,
        renamed_from="rebuild",
    )
    priority = String(
        """The name of a metadatum of the instance, or of an extra spec of its flavor, whose number says who
        goes first; a greater number does. Default number: 0.""",
        default="evacuation-priority",
        reloadable=True,
    )
    max_concurrent = Integer(
        "How many instances of one node may be in building elsewhere at once.",
        default="20",
        minimum=1,
        maximum=1000,
        reloadable=True,
        renamed_from="at_once",
    )
    threshold = Integer(
        """More than this part of all compute nodes dead at once, in percent and more than two nodes, means
        that the network is broken: nothing is evacuated, and the monitor says so.""",
        default="50",
        maximum=100,
        reloadable=True,
    )
    delay = Duration(
        "How long to wait after fencing before anything is asked for.", default="0", reloadable=True
    )
    request_grace_period = Duration(
        """How long a request to Nova without a useful answer may still be acted on, and is not repeated.
        Longer than the longest time that the load balancer and the API keep a request.""",
        default="60s",
        reloadable=True,
        renamed_from="settle",
    )
    evacuation_timeout = Duration(
        "How long one evacuation may be under way before it is reported.",
        default="10min",
        reloadable=True,
        renamed_from="stuck",
    )
    max_attempts = Integer(
        """How many evacuations of one instance may fail before it is given up; no more than two when its own
        node is back, where it then runs.""",
        default="5",
        minimum=1,
        maximum=100,
        reloadable=True,
        renamed_from="attempts",
    )
    backoff = Duration(
        "How long to wait after a failed evacuation; doubled each time.", default="10s", reloadable=True
    )
    capacity_timeout = Duration(
        "How long to wait for room for an instance.",
        default="10min",
        reloadable=True,
        renamed_from="patience",
    )
    reserved_hosts = String(
        """Compute nodes that are kept disabled, as Nova names them: one is enabled for each fenced node, put
        into its aggregates, and its instances are sent there.""",
        reloadable=True,
    )
    reenable = Boolean(
        "Whether a node that returned takes new instances again.", default="yes", reloadable=True
    )
    service_down_timeout = Duration(
        """How long nova-compute may be down on a node that is there before the node is disabled, so that
        it gets no new instances.""",
        default="2min",
        reloadable=True,
        renamed_from="process_patience",
    )
    max_restarts_per_hour = Integer(
        """How often in an hour an instance that crashed is started again on its host, before it is moved to
        another. Needs watch_instances=yes of the agent nova-compute.""",
        default="3",
        maximum=100,
        reloadable=True,
        renamed_from="restarts",
    )
    metrics_file = Path(
        """A file for the node_exporter's textfile collector:
        /var/lib/prometheus/node-exporter/pacemaker-os.prom.""",
        reloadable=True,
        renamed_from="metrics",
    )

    def daemon(self) -> Daemon:
        """The engine's process, known without any parameter."""
        return Daemon(self.state_file("daemon"), programs=())

    @property
    def status(self) -> str:
        """The file in which the engine says how it is."""
        return self.state_file("status")

    def settings(self) -> Settings:
        """What the engine is told."""
        from dataclasses import fields

        from pacemaker_os.agents.nova_evacuate import launch
        from pacemaker_os.agents.nova_evacuate.settings import Settings

        own = {parameter.name: parameter.value(self) for parameter in self.parameters()}
        taken = {field.name for field in fields(Settings)}
        said = {name: value for name, value in own.items() if name in taken}
        return Settings(**said, status=self.status, code=launch.own_code())

    def state(self) -> int:
        if not self.daemon().find():
            return codes.NOT_RUNNING
        said = (files.read(self.status) or "ok").strip()
        return codes.RUNNING if said == "ok" else self.degraded(said)

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def monitor(self) -> int:
        seen = self.state()
        if seen == codes.NOT_RUNNING or self.operation.is_probe:
            return seen
        age = time.time() - (files.modification_time(self.status) or 0.0)
        if age > HUNG:
            raise Failure(f"the engine has not looked for {age:.0f} s")
        self.renew()
        return seen

    def renew(self) -> None:
        """Tell an engine of another release that there is this one."""
        from pacemaker_os.agents.nova_evacuate import launch, settings

        path = self.state_file("settings")
        if files.is_file(path) and settings.read(path).code != launch.own_code():
            settings.write(path, self.settings())

    def validate(self) -> None:
        from pacemaker_os.agents.nova_evacuate.nova import credentials

        credentials.read(self.credentials_file)
        try:
            self.settings().policy()
        except Failure as failure:
            raise Failure(f"rules: {failure.reason}", CONFIGURED) from None

    def start(self) -> None:
        from pacemaker_os.agents.nova_evacuate import launch, requests, settings

        files.make_directory(self.operation.state_directory)
        files.remove(self.status)
        path = self.state_file("settings")
        settings.write(path, self.settings())
        argv = launch.line(launch.own_code(), path, self.operation.instance)
        self.daemon().launch(argv, log=self.state_file("output"), environ=requests.chosen())
        self.deadline.wait("the engine to begin", self.has_begun, every=0.05)

    def has_begun(self) -> bool:
        """Whether the engine works. Raises Failure when it ended instead."""
        if not self.daemon().find():
            lines = files.tail(self.state_file("output")).splitlines()
            raise Failure(f"the engine ended while it started: {lines[-1] if lines else 'it said nothing'}")
        return files.is_file(self.status)

    def stop(self) -> None:
        from contextlib import suppress

        from pacemaker_os.agents.nova_evacuate import requests

        how = self.daemon().stop(self.deadline, grace=2.0)
        files.remove(self.status)
        with suppress(Failure):  # a stop never fails for what others are told
            requests.Requests(requests.ask).tell("")
        self.logger.info(f"the engine: {how}")

    def reload_agent(self) -> None:
        from pacemaker_os.agents.nova_evacuate import settings

        settings.write(self.state_file("settings"), self.settings())


AGENT = NovaEvacuate
