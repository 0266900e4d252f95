"""Commands on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pacemaker_os.transport.shell import ShellTransport


@dataclass(frozen=True)
class LocalTransport(ShellTransport):
    """This machine, with the permissions of this process."""

    @property
    def name(self) -> str:
        return "localhost"

    def client_line(self, line: Sequence[str]) -> list[str]:
        return list(line)
