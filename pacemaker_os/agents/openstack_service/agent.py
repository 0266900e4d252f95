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

#: Timeout of a health check, in seconds.
ENDPOINT_TIMEOUT = 10.0


class OpenStackService(Agent):
    """Manages an OpenStack service that runs as a systemd unit, and checks that it works. The checks are:
    its health or version endpoint responds, a worker has a connection to the message bus, and a report
    file is recent. A service with failing checks is reported as degraded; only checks that keep failing
    count as a failure. This detects services that systemd reports as active although they no longer
    work.
    """

    name = "openstack-service"
    summary = "OpenStack API or worker with health checks"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=120),
        Action("monitor", timeout=60, interval=20),
    )

    unit = String(
        "Name of the systemd unit.", required=True, unique_group="unit", allowed=LETTERS + "@:._-\\"
    )
    url = String(
        """Health or version endpoint of the service; {node} is replaced by the node name:
        http://127.0.0.1:9292/healthcheck, or http://{node}:9292/ for a service that listens on one
        address. Default: no check.""",
        reloadable=True,
    )
    statuses = String(
        "HTTP status codes of a healthy endpoint: 200 300, or 2xx 3xx.",
        default="200 300 401",
        reloadable=True,
    )
    ca_file = Path("CA certificates for the endpoint. Default: those of the system.", reloadable=True)
    bus_port = Integer(
        "Port of the message bus, to which the service must have a connection: 5672. 0 disables the check.",
        default="0",
        maximum=65535,
        reloadable=True,
    )
    report_file = Path(
        "File that the service writes to while it works, such as its log. Default: no check.", reloadable=True
    )
    report_max_age = Duration(
        "Maximum age of the last write to the report file.",
        default="3min",
        reloadable=True,
        renamed_from="report_age",
    )
    tolerated_failures = Integer(
        "Number of consecutive monitors with failing checks that are reported as "
        "degraded before the service is considered failed.",
        default="2",
        maximum=100,
        reloadable=True,
        renamed_from="tolerated",
    )

    def service(self) -> Unit:
        """Return the systemd unit."""
        return Unit(self.unit, self.run_command)

    def findings(self, main: int) -> list[str]:
        """Return the failed checks of the service with the main process `main`."""
        checks = (self.check_endpoint(), self.check_bus(main), self.check_report())
        return [finding for finding in checks if finding]

    def endpoint(self) -> str:
        """Return the endpoint on this node."""
        return self.url.replace("{node}", self.operation.node)

    def check_endpoint(self) -> str:
        """Return the problem with the endpoint, or an empty string."""
        if not self.url:
            return ""
        from pacemaker_os.ocf.network.http import get

        endpoint = self.endpoint()
        try:
            response = get(endpoint, self.deadline.within(ENDPOINT_TIMEOUT), ca_file=self.ca_file)
        except Failure as failure:
            return failure.reason
        healthy = decide.status_wanted(self.statuses, response.status)
        return "" if healthy else f"{endpoint} responds with status {response.status}"

    def check_bus(self, main: int) -> str:
        """Return the problem with the connection to the message bus, or an empty string."""
        process = Process.find(main)
        if not self.bus_port or not process:
            return ""
        sockets = set()
        for member in process.tree():
            for handle in files.names(f"/proc/{member.pid}/fd"):
                target = files.link(f"/proc/{member.pid}/fd/{handle}")
                if target.startswith("socket:["):
                    sockets.add(int(target[8:-1]))
        # On a controller with the virtual IP address these tables have many thousand lines.
        connected = any(
            inode in sockets and port == self.bus_port
            for name in ("tcp", "tcp6")
            for inode, port in decide.parse_connections(files.lines(f"/proc/{main}/net/{name}"))
        )
        return "" if connected else f"no connection to the message bus (port {self.bus_port})"

    def check_report(self) -> str:
        """Return the problem with the report file, or an empty string."""
        if not self.report_file:
            return ""
        written = files.modification_time(self.report_file)
        if written is None:
            return f"{self.report_file} does not exist"
        age = time.time() - written
        return f"last write to {self.report_file} was {age:.0f} s ago" if age > self.report_max_age else ""

    def query(self) -> tuple[int, list[str]]:
        """Return the state of the unit as an exit code, and the failed checks of the service."""
        if not files.is_directory(BOOTED):
            return codes.NOT_RUNNING, []
        active, main = self.service().query()
        if active in ("inactive", "failed"):
            return codes.NOT_RUNNING, []
        if active != "active":
            return codes.RUNNING, [f"the unit is {active}"]
        return codes.RUNNING, self.findings(main)

    def state(self) -> int:
        code, findings = self.query()
        return self.degraded("; ".join(findings)) if findings else code

    def monitor(self) -> int:
        code, findings = self.query()
        if self.operation.is_probe:
            return code
        if code == codes.RUNNING:
            self.service().set_marker(True)
        result = decide.verdict(findings, self.failed_monitors(), self.tolerated_failures)
        if isinstance(result, Failed):
            raise Failure(result.reason)
        if isinstance(result, Degraded):
            self.tolerate("bad", Failure(result.reason), self.tolerated_failures)
            return self.degraded(result.reason)
        self.tolerate("bad", None, 0)
        return code

    def failed_monitors(self) -> int:
        """Return the number of consecutive monitors with failed checks."""
        return int(files.read(self.state_file("bad")) or 0)

    def validate(self) -> None:
        if self.url:
            from pacemaker_os.ocf.network.http import split

            try:
                split(self.endpoint())
            except ValueError as error:
                raise Failure(f"parameter 'url': {error}", CONFIGURED) from None
        if not files.is_directory(BOOTED):
            raise Failure("systemd is not running on this node", INSTALLED)

    def start(self) -> None:
        self.tolerate("bad", None, 0)
        self.service().start()
        findings: list[str] = []

        def is_healthy() -> bool:
            findings[:] = self.query()[1]
            return not findings

        # The last check may itself time out; the exit reason is then the result of the previous one.
        with suppress(TimedOut):
            if self.deadline.try_wait(is_healthy, every=0.5):
                return
        raise TimedOut(
            "the unit is running, but the service is not healthy: "
            f"{'; '.join(findings) or 'systemctl did not respond'}"
        )

    def stop(self) -> None:
        self.tolerate("bad", None, 0)
        if not files.is_directory(BOOTED):
            return
        service = self.service()
        service.set_marker(False)
        try:
            if service.query()[0] != "inactive":
                service.stop(within=self.deadline.left * 0.7)
        except TimedOut:
            service.kill()
            self.deadline.wait("the killed unit to end", lambda: self.query()[0] == codes.NOT_RUNNING)
            service.reset_failed()
        except Failure as failure:
            if failure.code != INSTALLED:
                raise


AGENT = OpenStackService
