"""The target of a command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from pacemaker_os.dataclass import dataclass

#: The value of --cib-file that stands for standard input.
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster of this machine, or one of: a CIB file, a node in a container, a node reached by ssh."""

    cib_file: str | None = None
    container: str | None = None
    ssh: str | None = None

    def __str__(self) -> str:
        """Return the target as the options of a command, for messages."""
        options = [f"--{name.replace('_', '-')} {value}" for name, value in self.saved().items()]
        return " ".join(options) or "the cluster of this machine"

    def command(self, command: Sequence[str]) -> str:
        """Return the shell command that runs a pcs-os command on the target."""
        options = {"--cib-file": self.cib_file, "--container": self.container, "--ssh": self.ssh}
        given = [argument for name, value in options.items() if value for argument in (name, value)]
        return shlex.join([*command[:2], *given, *command[2:]])

    def saved(self) -> dict[str, str]:
        """Return the options that are set, for a saved plan. The path of a file is absolute."""
        file = self.cib_file
        if file is not None and file != STANDARD_INPUT:
            file = str(Path(file).absolute())
        options = {"cib_file": file, "container": self.container, "ssh": self.ssh}
        return {name: value for name, value in options.items() if value is not None}

    @classmethod
    def of_saved(cls, options: Mapping[str, str]) -> Target:
        """Return the target that `saved` returned; options that it does not know are left out."""
        return cls(options.get("cib_file"), options.get("container"), options.get("ssh"))

    def same(self, other: Target) -> bool:
        """Return whether both targets are the same cluster; links to a file count as the file."""
        mine, others = self.saved(), other.saved()
        for options in (mine, others):
            if options.get("cib_file", STANDARD_INPUT) != STANDARD_INPUT:
                options["cib_file"] = str(Path(options["cib_file"]).resolve())
        return mine == others
