"""Commands on a host behind ssh, through the OpenSSH client with one shared connection."""

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

#: Seconds that an unused connection stays open for the next command.
_PERSIST = 60

#: How long a folder of sockets may be called: a socket's whole path has at most 107 characters, of which
#: ssh takes 58 for the connection's hash and a random part.
_LONGEST = 48

#: What ssh says, and what to do about it.
_SSH_SAYS = {
    "Host key verification failed": "its host key is not known or has changed; log in by hand once and look",
    "Permission denied": "it does not accept a key of this user; install one, or give the password once",
    "Could not resolve hostname": "its name is not known",
}


@dataclass(frozen=True)
class SshTransport(ShellTransport):
    """A host behind ssh; `options` are further `ssh -o` words (Port=2222, UserKnownHostsFile=...)."""

    host: str
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.host.startswith("-"):
            raise TransportError(f"'{self.host}' is no host", code="bad-host")

    @property
    def name(self) -> str:
        return self.host

    def client_line(self, line: Sequence[str]) -> list[str]:
        # Without a shell that stays, ssh says 255 for a command that a signal ended, as for a broken line.
        staying = ["sh", "-c", '"$@"; exit $?', "sh", *line]
        return [*self._ssh("BatchMode=yes"), self.host, shlex.join(staying)]

    def check_client(self, completed: CompletedCommand) -> None:
        if completed.status != 255:
            return
        said = completed.stderr.decode("utf-8", "replace").strip()
        for phrase, sentence in _SSH_SAYS.items():
            if phrase in said:
                raise TransportError(f"{self.host}: {sentence}")
        raise TransportError(f"{self.host}: {said or 'the connection broke'}")

    def contact(self, password: Secret, *, timeout: float = 30.0) -> None:
        """Open the shared connection with a password: the commands that follow ask for none."""
        import pexpect

        # A command, and not -N: the connection stays only once a session has gone through it.
        line = [*self._ssh("NumberOfPasswordPrompts=1"), self.host, "true"]
        with pexpect.spawn(line[0], line[1:], timeout=timeout, echo=False) as child:
            met = child.expect(["(?i)password: ?", "(?i)are you sure you want to continue", pexpect.EOF])
            if met == 1:
                raise TransportError(f"{self.host}: {_SSH_SAYS['Host key verification failed']}")
            if met == 0:
                child.sendline(password.reveal())
                child.expect(pexpect.EOF)
            child.wait()
        if child.exitstatus != 0:
            raise TransportError(f"{self.host}: it did not accept the password")

    def close(self) -> None:
        try:
            run_process([*self._ssh(), "-O", "exit", self.host], timeout=10, limit=65536)
        except (TimeoutExceeded, OutputLimitExceeded) as error:
            raise TransportError(f"{self.host}: the shared connection does not end") from error

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
        words = [word for option in (*self.options, *options, *shared) for word in ("-o", option)]
        return ["ssh", "-T", *words]


def _control_directory() -> Path:
    """Return the folder of the shared connections' sockets, which only this user may enter."""
    directory = Path.home() / ".cache" / "pcs-os" / "ssh"
    if len(str(directory)) > _LONGEST:
        directory = Path(tempfile.gettempdir()) / f"pcs-os-{os.getuid()}"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = directory.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
        raise TransportError(f"{directory} must be a directory that only this user may enter", code="unsafe")
    return directory
