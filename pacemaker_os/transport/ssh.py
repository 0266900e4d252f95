"""Commands over SSH, with the OpenSSH client and one shared connection per host."""

from __future__ import annotations

import os
import shlex
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pacemaker_os.errors import TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.process import CompletedCommand, OutputLimitExceeded, TimeoutExceeded, run_process
from pacemaker_os.transport.shell import ShellTransport

#: Seconds that an idle connection stays open for the next command.
_PERSIST = 60

#: Maximum length of the path of the socket directory. The path of a socket has at most 107 characters, of
#: which ssh needs 58 for a hash of the connection and a random part.
_MAX_PATH = 48

#: Parts of error messages of ssh, and the messages that replace them.
_MESSAGES = {
    "Host key verification failed": "the host key is unknown or has changed; log in once and verify it",
    "Permission denied": "the host does not accept a key of this user; install a key with ssh-copy-id",
    "Could not resolve hostname": "cannot resolve the host name",
}


@dataclass(frozen=True)
class SshTransport(ShellTransport):
    """An SSH host; `options` are additional `ssh -o` options (Port=2222, UserKnownHostsFile=...)."""

    host: str
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.host.startswith("-"):
            raise TransportError(f"'{self.host}' is not a valid host name", code="bad-host")

    @property
    def name(self) -> str:
        return self.host

    def client_line(self, line: Sequence[str]) -> list[str]:
        # ssh exits with 255 for a lost connection, and also for a command that a signal ended. The shell
        # converts the signal into an exit status of its own.
        wrapped = ["sh", "-c", '"$@"; exit $?', "sh", *line]
        return [*self._ssh("BatchMode=yes"), self.host, shlex.join(wrapped)]

    def check_client(self, completed: CompletedCommand) -> None:
        if completed.status != 255:
            return
        message = completed.stderr.decode("utf-8", "replace").strip()
        for phrase, replacement in _MESSAGES.items():
            if phrase in message:
                raise TransportError(f"{self.host}: {replacement}")
        raise TransportError(f"{self.host}: {message or 'connection lost'}")

    def contact(self, password: Secret, *, timeout: float = 30.0) -> None:
        """Open the shared connection with a password, which subsequent commands do not need."""
        import pexpect

        # Run a command instead of using -N: the connection persists only after a session.
        line = [*self._ssh("NumberOfPasswordPrompts=1"), self.host, "true"]
        with pexpect.spawn(line[0], line[1:], timeout=timeout, echo=False) as child:
            match = child.expect(["(?i)password: ?", "(?i)are you sure you want to continue", pexpect.EOF])
            if match == 1:
                raise TransportError(f"{self.host}: {_MESSAGES['Host key verification failed']}")
            if match == 0:
                child.sendline(password.reveal())
                child.expect(pexpect.EOF)
            child.wait()
        if child.exitstatus != 0:
            raise TransportError(f"{self.host}: the host rejected the password")

    def close(self) -> None:
        try:
            run_process([*self._ssh(), "-O", "exit", self.host], timeout=10, limit=65536)
        except (TimeoutExceeded, OutputLimitExceeded) as error:
            raise TransportError(f"{self.host}: cannot close the shared connection") from error

    def _ssh(self, *options: str) -> list[str]:
        shared = (
            "ControlMaster=auto",
            f"ControlPath={_control_directory()}/%C",
            f"ControlPersist={_PERSIST}",
            "ConnectTimeout=10",
            "ServerAliveInterval=5",
            "ServerAliveCountMax=3",
            "LogLevel=ERROR",
        )
        arguments = [each for option in (*self.options, *options, *shared) for each in ("-o", option)]
        return ["ssh", "-T", *arguments]


def _control_directory() -> Path:
    """Return the directory of the control sockets, which only this user can access."""
    directory = Path.home() / ".cache" / "pcs-os" / "ssh"
    if len(str(directory)) > _MAX_PATH:
        directory = Path(tempfile.gettempdir()) / f"pcs-os-{os.getuid()}"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise TransportError(
            f"'{directory}' must be a directory that only this user can access", code="unsafe"
        )
    return directory
