"""A systemd unit, controlled through systemctl."""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import INSTALLED, Failure
from pacemaker_os.ocf.parameter import InvalidParameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pacemaker_os.ocf.command import Result

SYSTEMCTL = "/usr/bin/systemctl"

#: Exists if systemd is the init system (sd_booted(3)). Drop-ins below it last until the next boot.
BOOTED = "/run/systemd/system"

#: Directory for permanent drop-ins, written by the deployment. A file in it overrides that with the same name
#: in BOOTED.
SYSTEM = "/etc/systemd/system"

#: Directory of markers: a file with the name of a unit exists while Pacemaker runs that unit. It is the start
#: condition of units that other units require and would start elsewhere (openstack/services/keystone.py).
RUNNING_UNITS = "/run/pacemaker-os/units"

#: Only Pacemaker restarts the service, because it knows the state of the whole cluster. At shutdown,
#: Pacemaker, which is ordered after the unit, stops the services in the right order before systemd does.
OVERRIDE = """[Unit]
Before=pacemaker.service pacemaker_remote.service
[Service]
Restart=no
"""

#: The units that start and stop it.
PACEMAKER = ("pacemaker.service", "pacemaker_remote.service")


class Unit:
    """A systemd unit. `run` runs a command (Agent.run_command)."""

    def __init__(self, name: str, run: Callable[..., Result]) -> None:
        self.name = name if "." in name else f"{name}.service"
        self._run = run

    def _do(self, *arguments: str, within: float | None = None) -> str:
        result = self._run([SYSTEMCTL, *arguments], within=within)
        if result.status:
            raise Failure(f"systemctl {' '.join(arguments)} failed: {result.error_line}")
        return result.stdout

    def query(self) -> tuple[str, int]:
        """Return its state (active, activating, inactive, failed) and main process.

        Raises InvalidParameter if the unit does not exist.
        """
        result = self._do("show", "-p", "LoadState,ActiveState,MainPID", "--", self.name)
        found = dict(line.split("=", 1) for line in result.splitlines() if "=" in line)
        if found.get("LoadState") == "not-found":
            raise InvalidParameter(f"unit {self.name} is not installed on this node", INSTALLED)
        return found.get("ActiveState", "unknown"), int(found.get("MainPID", "0"))

    def take_over(self) -> None:
        """Disable automatic restarts of the unit: only Pacemaker starts and stops it.

        This reloads systemd, which takes about 1 s, so it happens only if the drop-in is missing.
        """
        name = f"{self.name}.d/50-pacemaker-os.conf"
        if "Restart=no" in (files.read(f"{SYSTEM}/{name}") or ""):
            if "yes" in self._do("show", "-p", "NeedDaemonReload", "--", self.name):
                self._do("daemon-reload")
        elif files.read(f"{BOOTED}/{name}") != OVERRIDE:
            files.make_directory(f"{BOOTED}/{self.name}.d")
            files.write(f"{BOOTED}/{name}", OVERRIDE, mode=0o644)
            self._do("daemon-reload")

    def set_marker(self, present: bool) -> None:
        """Create or remove the marker that Pacemaker runs the unit."""
        path = f"{RUNNING_UNITS}/{self.name}"
        if not present:
            files.remove(path)
        elif not files.is_file(path):
            files.make_directory(RUNNING_UNITS)
            files.write(path, "", mode=0o644)

    def start(self) -> None:
        """Start the unit, and wait until systemd reports it as started.

        Raises InvalidParameter if it does not exist.
        """
        self.query()
        self.take_over()
        self.set_marker(True)
        self.reset_failed()
        self._do("start", self.name)

    def stop(self, *, within: float) -> None:
        """Stop the unit, and wait until systemd reports it as stopped.

        Raises TimedOut after `within` seconds.

        While Pacemaker itself stops, an ordinary request would wait for that (OVERRIDE), while Pacemaker
        waits for the agent.
        """
        ending = "deactivating" in self._do("show", "-p", "ActiveState", "--", *PACEMAKER)
        mode = ("--job-mode=ignore-dependencies",) if ending else ()
        self._do("stop", *mode, self.name, within=within)
        self.reset_failed()

    def reset_failed(self) -> None:
        """Reset the failed state of a unit that Pacemaker stopped, so that only real failures are shown."""
        self._run([SYSTEMCTL, "reset-failed", self.name])

    def kill(self) -> None:
        """Kill all processes of the unit."""
        self._do("kill", "--signal=SIGKILL", self.name)
