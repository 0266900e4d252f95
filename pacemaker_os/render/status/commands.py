"""Commands as a person would type them here, to have them run on a node of the cluster."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pacemaker_os.cluster import Target

#: Programs that act on a CIB file when they are told to.
_ON_FILES = ("crm_resource", "crm_attribute", "crm_ticket")


def typed(command: Sequence[str], target: Target) -> str:
    """The line to type for a command that `target` reaches."""
    if command[0] == "pcs-os":
        options = {"--cib-file": target.cib_file, "--container": target.container, "--ssh": target.ssh}
        words = [word for name, value in options.items() if value for word in (name, value)]
        return shlex.join([*command[:2], *words, *command[2:]])
    # What starts a node is typed on that node, which cannot be reached through itself.
    if command[0] == "systemctl":
        return shlex.join(command)
    if target.container is not None:
        return shlex.join(["docker", "exec", target.container, *command])
    if target.ssh is not None:
        return shlex.join(["ssh", target.ssh, shlex.join(command)])
    if target.cib_file is not None and command[0] in _ON_FILES:
        return f"CIB_file={shlex.quote(target.cib_file)} {shlex.join(command)}"
    return shlex.join(command)
