"""Prepare this machine: Debian packages, the container engine and the virtual environment.

`quickstart` and `run-tests` import this module before a virtual environment exists. It therefore imports
only the standard library.
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

#: For each program, the Debian and Ubuntu package that provides it.
PACEMAKER_TOOLS = {"crm_simulate": "pacemaker-cli-utils"}
PCS_TOOLS = {"pcs": "pcs"}
CONTAINER_TOOLS = {"dockerd": "docker.io", "debootstrap": "debootstrap", "iptables": "iptables"}
#: Checked after the engine is installed: on some releases, docker.io includes the client.
CONTAINER_CLIENT = {"docker": "docker-cli"}

OLDEST_PYTHON = (3, 11)

#: PID files of the engine, and the names of its processes.
ENGINE_PID_FILES = {
    Path("/var/run/docker.pid"): "dockerd",
    Path("/var/run/docker/containerd/containerd.pid"): "containerd",
}

#: Time for a started engine to respond, in seconds.
ENGINE_TIMEOUT = 60.0

#: Time for one call of pip, in seconds.
PIP_TIMEOUT = 900.0


class SetupError(Exception):
    """This machine cannot be prepared. The message includes the remedy."""


def is_root() -> bool:
    """Return whether this process can install packages and start services."""
    return os.geteuid() == 0


def system_path() -> str:
    """Return PATH with the directories of system administration programs, which a user's PATH may lack."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def missing_packages(tools: dict[str, str]) -> list[str]:
    """Return the packages of `tools` whose program is not installed."""
    return [package for program, package in tools.items() if not shutil.which(program, path=system_path())]


def run_logged(argv: Sequence[str], *, timeout: float) -> None:
    """Run a command and append its output to the log.

    Raises: SetupError if the command fails or exceeds the timeout (in seconds), with the end of the log.
    """
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
                timeout=timeout,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise SetupError(f"`{' '.join(argv)}` timed out after {timeout:g} s; see {LOG.name}") from None
        except subprocess.CalledProcessError as error:
            end = LOG.read_text(errors="replace").splitlines()[-8:]
            lines = "\n".join(f"    {line}" for line in end)
            message = f"`{' '.join(argv)}` exited with status {error.returncode}:\n{lines}"
            raise SetupError(message) from None
        except FileNotFoundError:
            raise SetupError(f"cannot run `{argv[0]}`: command not found") from None


def install(packages: Iterable[str]) -> None:
    """Install Debian packages.

    Raises: SetupError if apt-get is not available or this process is not root, with the command to run.
    """
    packages = list(packages)
    command = f"apt-get update && apt-get install --no-install-recommends -y {' '.join(packages)}"
    if not shutil.which("apt-get"):
        names = " ".join(packages)
        raise SetupError(f"cannot install packages: no apt-get; install the equivalents of: {names}")
    if not is_root():
        raise SetupError(f"cannot install packages: not root; run as root: {command}")
    run_logged(["apt-get", "update", "-q"], timeout=300)
    run_logged(["apt-get", "install", "--no-install-recommends", "-qy", *packages], timeout=900)


def engine_responds() -> bool:
    """Return whether the Docker engine responds."""
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


def remove_stale_pid_files(pid_files: dict[Path, str] = ENGINE_PID_FILES) -> None:
    """Remove the PID files of a killed engine.

    The engine does not start while a PID file names a running process, even if that is another program.
    """
    for path, name in pid_files.items():
        if path.exists() and process_name(path.read_text().strip()) != name:
            path.unlink()


def process_name(pid: str) -> str:
    """Return the name of the program that a process runs, or an empty string for an ended process."""
    try:
        return Path(Path("/proc", pid, "cmdline").read_text().partition("\0")[0]).name
    except OSError:
        return ""


def start_engine() -> int | None:
    """Start the Docker engine unless it responds: with systemd, or as a process on hosts without systemd.

    Returns the process ID if the engine was started as a process, so that the caller can stop it.
    Raises: SetupError if the engine does not respond.
    """
    if engine_responds():
        return None
    if not is_root():
        raise SetupError("cannot start the Docker engine: not root; run this command as root")
    pid = None
    if Path("/run/systemd/system").is_dir():
        run_logged(["systemctl", "start", "docker"], timeout=ENGINE_TIMEOUT)
    else:
        remove_stale_pid_files()
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
    deadline = time.monotonic() + ENGINE_TIMEOUT
    while not engine_responds():
        if time.monotonic() > deadline:
            raise SetupError("the Docker engine does not respond; see /var/log/dockerd.log")
        time.sleep(0.2)
    return pid


def make_environment(extra: str = "") -> Path:
    """Create or update the virtual environment; return the directory of its programs.

    The packages are those of the constraints file of `extra`, an extra in setup.cfg. Nothing is installed
    if the constraints and the definition of the project have not changed since the last run.
    """
    requirements = ROOT / f"constraints{extra and '-'}{extra}.txt"
    stamp = ENVIRONMENT / f".installed{extra and '-'}{extra}"
    digest = installation_digest(requirements)
    if not (stamp.exists() and stamp.read_text() == digest):
        make_venv(ENVIRONMENT)
        install_pinned(ENVIRONMENT, requirements)
        stamp.write_text(digest)
    return ENVIRONMENT / "bin"


def installation_digest(requirements: Path) -> str:
    """Return the digest of everything that determines the content of an environment."""
    files = [requirements, ROOT / "setup.cfg", ROOT / "pyproject.toml"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files) + sys.version.encode()).hexdigest()


def make_venv(environment: Path) -> None:
    """Create a virtual environment unless it exists."""
    if (environment / "bin" / "pip").exists():
        return
    if venv_is_missing():
        install(["python3-venv"])
    run_logged([sys.executable, "-m", "venv", "--clear", str(environment)], timeout=120)


def install_pinned(environment: Path, requirements: Path) -> None:
    """Install the pinned packages of a constraints file, verified by their hashes, and then the project.

    The constraints file pins the build backend too, so the project is built without isolation.
    """
    pip = [str(environment / "bin" / "pip"), "install", "--quiet"]
    run_logged([*pip, "--require-hashes", "--requirement", str(requirements)], timeout=PIP_TIMEOUT)
    run_logged([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], timeout=PIP_TIMEOUT)


def install_newest(environment: Path, extra: str) -> None:
    """Install the project with the newest versions that setup.cfg allows."""
    pip = [str(environment / "bin" / "pip"), "install", "--quiet"]
    newest = ["--upgrade", "--upgrade-strategy", "eager", "--editable", f"{ROOT}[{extra}]"]
    run_logged([*pip, *newest], timeout=PIP_TIMEOUT)


def venv_is_missing() -> bool:
    """Return whether Python lacks the venv module, which Debian packages separately."""
    return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode != 0


def require_python() -> None:
    """Exit with a message if Python is older than the project requires."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        exit_with(f"Python 3.11 or newer is required; this is Python {sys.version.split()[0]}")


def exit_with(message: str) -> NoReturn:
    """Print a message on standard error and exit with status 1."""
    print(message, file=sys.stderr)
    sys.exit(1)
