"""The actions of the openstack-service agent."""

from __future__ import annotations

import time
from contextlib import suppress

from pacemaker_os.agents.openstack_service import decide
from pacemaker_os.agents.openstack_service.decide import Degraded, Failed
from pacemaker_os.agents.openstack_service.unit import BOOTED, Unit
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, Failure, TimedOut
from pacemaker_os.ocf.parameter import Duration, Integer, Path, String
from pacemaker_os.ocf.process import Process

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

#: Seconds that one health page may take.
PAGE = 10.0


class OpenStackService(Agent):
    """A service of OpenStack that systemd runs and Pacemaker judges by what it does: whether its health or
    version page answers, whether a worker has a connection to the message bus, and whether it
    reported lately. What is wrong once is reported as degraded; only what stays wrong is a failure.
    A unit that systemd says is running, but that serves nobody, is found.
    """

    name = "openstack-service"
    summary = "An OpenStack API or worker, judged by what it does"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=120),
        Action("monitor", timeout=60, interval=20),
    )

    unit = String("The systemd unit.", required=True, unique_group="unit", allowed=LETTERS + "@:._-\\")
    url = String(
        """The address of its health or version page, {node} in it being this node's name:
        http://127.0.0.1:9292/healthcheck, or http://{node}:9292/ where it listens on one address.""",
        reloadable=True,
    )
    statuses = String(
        "HTTP statuses that say it is well: 200 300, or 2xx 3xx.", default="200 300 401", reloadable=True
    )
    ca_file = Path("Authorities that certify the page's server. Default: the system's.", reloadable=True)
    bus_port = Integer(
        "A port that it must have a connection to, of the message bus: 5672. 0: none.",
        default="0",
        maximum=65535,
        reloadable=True,
    )
    report_file = Path("A file that it writes to while it works, its log for example.", reloadable=True)
    report_max_age = Duration(
        "How old the last report may be.", default="3min", reloadable=True, renamed_from="report_age"
    )
    tolerated_failures = Integer(
        "How many bad looks in a row are reported as degraded before the service counts as failed.",
        default="2",
        maximum=100,
        reloadable=True,
        renamed_from="tolerated",
    )

    def service(self) -> Unit:
        """The unit."""
        return Unit(self.unit, self.ask)

    def findings(self, main: int) -> list[str]:
        """Everything that is wrong with the service whose main process is `main`."""
        checks = (self.check_page(), self.check_bus(main), self.check_report())
        return [finding for finding in checks if finding]

    def page(self) -> str:
        """The address of the health page on this node."""
        return self.url.replace("{node}", self.operation.node)

    def check_page(self) -> str:
        """What is wrong with the health page."""
        if not self.url:
            return ""
        from pacemaker_os.ocf.http import get

        page = self.page()
        try:
            answer = get(page, self.deadline.within(PAGE), ca_file=self.ca_file)
        except Failure as failure:
            return failure.reason
        well = decide.status_wanted(self.statuses, answer.status)
        return "" if well else f"{page} answers with status {answer.status}"

    def check_bus(self, main: int) -> str:
        """What is wrong with the connection to the message bus."""
        process = Process.find(main)
        if not self.bus_port or not process:
            return ""
        sockets = set()
        for member in process.tree():
            for handle in files.names(f"/proc/{member.pid}/fd"):
                target = files.link(f"/proc/{member.pid}/fd/{handle}")
                if target.startswith("socket:["):
                    sockets.add(int(target[8:-1]))
        # Of a controller that has the address, these tables have many thousand lines.
        held = any(
            inode in sockets and port == self.bus_port
            for name in ("tcp", "tcp6")
            for inode, port in decide.parse_connections(files.lines(f"/proc/{main}/net/{name}"))
        )
        return "" if held else f"it has no connection to the message bus (port {self.bus_port})"

    def check_report(self) -> str:
        """What is wrong with the last report."""
        if not self.report_file:
            return ""
        written = files.modification_time(self.report_file)
        if written is None:
            return f"{self.report_file} is not there"
        age = time.time() - written
        return f"its last report is {age:.0f} s old" if age > self.report_max_age else ""

    def look(self) -> tuple[int, list[str]]:
        """The unit's state as a code, and what is wrong with the service."""
        if not files.is_directory(BOOTED):
            return codes.NOT_RUNNING, []
        active, main = self.service().look()
        if active in ("inactive", "failed"):
            return codes.NOT_RUNNING, []
        if active != "active":
            return codes.RUNNING, [f"the unit is {active}"]
        return codes.RUNNING, self.findings(main)

    def state(self) -> int:
        code, findings = self.look()
        return self.degraded("; ".join(findings)) if findings else code

    def monitor(self) -> int:
        code, findings = self.look()
        if self.operation.is_probe:
            return code
        if code == codes.RUNNING:
            self.service().want(True)
        said = decide.verdict(findings, self.bad_looks(), self.tolerated_failures)
        if isinstance(said, Failed):
            raise Failure(said.reason)
        if isinstance(said, Degraded):
            self.tolerate("bad", Failure(said.reason), self.tolerated_failures)
            return self.degraded(said.reason)
        self.tolerate("bad", None, 0)
        return code

    def bad_looks(self) -> int:
        """How many looks in a row were bad."""
        return int(files.read(self.state_file("bad")) or 0)

    def validate(self) -> None:
        if self.url:
            from pacemaker_os.ocf.http import split

            try:
                split(self.page())
            except ValueError as error:
                raise Failure(f"parameter 'url': {error}", CONFIGURED) from None
        if not files.is_directory(BOOTED):
            raise Failure("this node has no systemd", INSTALLED)

    def start(self) -> None:
        self.tolerate("bad", None, 0)
        self.service().start()
        findings: list[str] = []

        def well() -> bool:
            findings[:] = self.look()[1]
            return not findings

        # The last look may itself come to no end; what the one before it found is the reason then.
        with suppress(TimedOut):
            if self.deadline.try_wait(well, every=0.5):
                return
        raise TimedOut(f"the unit runs, but: {'; '.join(findings) or 'systemd does not answer'}")

    def stop(self) -> None:
        self.tolerate("bad", None, 0)
        if not files.is_directory(BOOTED):
            return
        service = self.service()
        service.want(False)
        try:
            if service.look()[0] != "inactive":
                service.stop(within=self.deadline.left * 0.7)
        except TimedOut:
            service.kill()
            self.deadline.wait("the killed unit to end", lambda: self.look()[0] == codes.NOT_RUNNING)
            service.forgive()
        except Failure as failure:
            if failure.code != INSTALLED:
                raise


AGENT = OpenStackService
