"""What this machine lacks before anything else can run: packages, a container engine, the environment.

Used by `quickstart` and `run-tests` before there is a virtual environment, so the standard library alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOG = ROOT / ".quickstart.log"

#: The program that shows that a package is there, and the package's name on Debian and Ubuntu.
PACEMAKER_TOOLS = {"crm_simulate": "pacemaker-cli-utils"}
CONTAINER_TOOLS = {"dockerd": "docker.io", "debootstrap": "debootstrap", "iptables": "iptables"}
#: Looked for when the engine is there: some releases pack the client with it, others apart.
CONTAINER_CLIENT = {"docker": "docker-cli"}

OLDEST_PYTHON = (3, 11)

#: Where the engine's processes note their ids, and what these processes are called.
ENGINE_PIDS = {
    Path("/var/run/docker.pid"): "dockerd",
    Path("/var/run/docker/containerd/containerd.pid"): "containerd",
}

#: How long an engine that was just started may take to answer, in seconds.
ENGINE_PATIENCE = 60.0


class SetupError(Exception):
    """Something this machine lacks could not be had; the message says what to do."""


def is_root() -> bool:
    """Tell whether packages and services of this machine may be touched."""
    return os.geteuid() == 0


def system_path() -> str:
    """PATH with the folders where Debian keeps administrators' programs, which a user's PATH may lack."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def lacking(tools: dict[str, str]) -> list[str]:
    """Return the packages, of those in `tools`, whose program is not on this machine."""
    return [package for program, package in tools.items() if not shutil.which(program, path=system_path())]


def logged(argv: Sequence[str], *, seconds: float) -> None:
    """Run a command with its output in the log. Raises SetupError with the log's end when it fails."""
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(argv)}\n".encode())
        log.flush()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": system_path()}
        try:
            subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                timeout=seconds,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise SetupError(f"`{' '.join(argv)}` had no end after {seconds:g} s; see {LOG.name}") from None
        except subprocess.CalledProcessError as error:
            end = LOG.read_text(errors="replace").splitlines()[-8:]
            lines = "\n".join(f"    {line}" for line in end)
            raise SetupError(f"`{' '.join(argv)}` ended with {error.returncode}:\n{lines}") from None
        except FileNotFoundError:
            raise SetupError(f"there is no `{argv[0]}` on this machine") from None


def install(packages: Iterable[str]) -> None:
    """Install Debian packages. Raises SetupError, naming the command, where that is not ours to do."""
    packages = list(packages)
    command = f"apt-get update && apt-get install --no-install-recommends -y {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise SetupError(f"this is no Debian or Ubuntu; install what these hold: {' '.join(packages)}")
    if not is_root():
        raise SetupError(f"not root; have this run as root: {command}")
    logged(["apt-get", "update", "-q"], seconds=300)
    logged(["apt-get", "install", "--no-install-recommends", "-qy", *packages], seconds=900)


def engine_answers() -> bool:
    """Tell whether a Docker engine can be talked to."""
    import http.client
    import socket

    class Socket(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(5)
            self.sock.connect("/var/run/docker.sock")

    connection = Socket("docker")
    try:
        connection.request("GET", "/_ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def forget_killed_engine(pids: dict[Path, str] = ENGINE_PIDS) -> None:
    """Remove what a killed engine noted: its process id, another program's by now, would stop a new one."""
    for path, name in pids.items():
        if path.exists() and program_of(path.read_text().strip()) != name:
            path.unlink()


def program_of(pid: str) -> str:
    """Return the name of the program that a process runs; empty for one that has ended, reaped or not."""
    try:
        return Path(Path("/proc", pid, "cmdline").read_text().partition("\0")[0]).name
    except OSError:
        return ""


def start_engine() -> int | None:
    """Start the Docker engine where it does not answer: by systemd where it runs, else as a process.

    Returns the process id when it was started as a process, so that the caller may stop it.
    Raises SetupError when the engine does not come up.
    """
    if engine_answers():
        return None
    if not is_root():
        raise SetupError("no Docker engine answers, and starting it is root's: run this as root")
    pid = None
    if Path("/run/systemd/system").is_dir():
        logged(["systemctl", "start", "docker"], seconds=ENGINE_PATIENCE)
    else:
        forget_killed_engine()
        log = Path("/var/log/dockerd.log").open("ab")  # noqa: SIM115 (the daemon keeps it)
        daemon = subprocess.Popen(
            ["dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PATH": system_path()},
        )
        pid = daemon.pid
    deadline = time.monotonic() + ENGINE_PATIENCE
    while not engine_answers():
        if time.monotonic() > deadline:
            raise SetupError("the Docker engine was started but does not answer; see /var/log/dockerd.log")
        time.sleep(0.2)
    return pid


def make_environment(extra: str = "") -> Path:
    """Make or refresh the virtual environment; return its folder of programs.

    `extra` names an extra of setup.cfg. Nothing is done when the requirements have not changed since.
    """
    programs = ENVIRONMENT / "bin"
    stamp = ENVIRONMENT / f".installed{extra and '-'}{extra}"
    wanted = hashlib.sha256((ROOT / "setup.cfg").read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return programs
    if not (programs / "pip").exists():
        if lacking_venv():
            install(["python3-venv"])
        logged([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], seconds=120)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    logged([str(programs / "pip"), "install", "--quiet", "--editable", target], seconds=600)
    stamp.write_text(wanted)
    return programs


def lacking_venv() -> bool:
    """Tell whether this Python cannot make environments (Debian packs that part apart)."""
    return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode != 0


def refuse_old_python() -> None:
    """Leave with a sentence where Python is older than the project needs."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")


def stop(message: str) -> NoReturn:
    """Leave with a sentence on standard error and status 1."""
    print(message, file=sys.stderr)
    sys.exit(1)
