"""A systemd unit, asked and told through systemctl."""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import INSTALLED, Failure
from pacemaker_os.ocf.parameter import InvalidParameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pacemaker_os.ocf.command import Result

SYSTEMCTL = "/usr/bin/systemctl"

#: There where the machine was booted by systemd (sd_booted(3)); units are changed until the next boot in it.
BOOTED = "/run/systemd/system"

#: Where whoever installs may have said it for good; a file there hides the one of its name in BOOTED.
SYSTEM = "/etc/systemd/system"

#: A file of a unit's name is here while Pacemaker has it run: the condition of a unit that others want, and
#: would start where it shall not run (openstack/services/keystone.py).
WANTED = "/run/pacemaker-os/units"

#: Restarting is Pacemaker's business, which sees the whole cluster; and at shutdown Pacemaker, which
#: is ordered after the unit, stops it in the right order before systemd would.
OVERRIDE = """[Unit]
Before=pacemaker.service pacemaker_remote.service
[Service]
Restart=no
"""

#: Who starts and stops it.
PACEMAKER = ("pacemaker.service", "pacemaker_remote.service")


class Unit:
    """One unit. `ask` runs a command (Agent.ask)."""

    def __init__(self, name: str, ask: Callable[..., Result]) -> None:
        self.name = name if "." in name else f"{name}.service"
        self._ask = ask

    def _do(self, *words: str, within: float | None = None) -> str:
        result = self._ask([SYSTEMCTL, *words], within=within)
        if result.status:
            raise Failure(f"systemctl {' '.join(words)}: {result.error_line}")
        return result.stdout

    def look(self) -> tuple[str, int]:
        """Return its state (active, activating, inactive, failed) and main process.

        Raises InvalidParameter: there is no such unit.
        """
        said = self._do("show", "-p", "LoadState,ActiveState,MainPID", "--", self.name)
        found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        if found.get("LoadState") == "not-found":
            raise InvalidParameter(f"unit {self.name} is not installed on this node", INSTALLED)
        return found.get("ActiveState", "unknown"), int(found.get("MainPID", "0"))

    def take_over(self) -> None:
        """Tell systemd that Pacemaker starts and stops this unit.

        It reads all units anew for that, which takes a second: so only where it was not told before.
        """
        name = f"{self.name}.d/50-pacemaker-os.conf"
        if "Restart=no" in (files.read(f"{SYSTEM}/{name}") or ""):
            if "yes" in self._do("show", "-p", "NeedDaemonReload", "--", self.name):
                self._do("daemon-reload")
        elif files.read(f"{BOOTED}/{name}") != OVERRIDE:
            files.make_directory(f"{BOOTED}/{self.name}.d")
            files.write(f"{BOOTED}/{name}", OVERRIDE, mode=0o644)
            self._do("daemon-reload")

    def want(self, wanted: bool) -> None:
        """Note whether Pacemaker has it run."""
        path = f"{WANTED}/{self.name}"
        if not wanted:
            files.remove(path)
        elif not files.is_file(path):
            files.make_directory(WANTED)
            files.write(path, "", mode=0o644)

    def start(self) -> None:
        """Start it and wait for systemd's word that it is. Raises InvalidParameter: no such unit."""
        self.look()
        self.take_over()
        self.want(True)
        self.forgive()
        self._do("start", self.name)

    def stop(self, *, within: float) -> None:
        """Stop it and wait for systemd's word that it is. Raises TimedOut after `within` seconds.

        While Pacemaker itself ends, an ordinary request would wait for that (OVERRIDE), and Pacemaker for us.
        """
        ending = "deactivating" in self._do("show", "-p", "ActiveState", "--", *PACEMAKER)
        mode = ("--job-mode=ignore-dependencies",) if ending else ()
        self._do("stop", *mode, self.name, within=within)
        self.forgive()

    def forgive(self) -> None:
        """Have it count as stopped, however it ended: what somebody sees as failed shall be what did fail."""
        self._ask([SYSTEMCTL, "reset-failed", self.name])

    def kill(self) -> None:
        """Kill every process of it."""
        self._do("kill", "--signal=SIGKILL", self.name)
