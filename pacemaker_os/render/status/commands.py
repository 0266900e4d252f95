"""Shell commands that act on the target cluster, for advice to the operator."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pacemaker_os.cluster import Target

#: Programs that use the CIB file of the environment variable CIB_file.
_ON_FILES = ("crm_resource", "crm_attribute", "crm_ticket")


def shell_command(command: Sequence[str], target: Target) -> str:
    """Return the shell command that runs a command on the target."""
    if command[0] == "pcs-os":
        return target.command(command)
    # A systemctl command must be run on the node itself, for example to start a node that is offline.
    if command[0] == "systemctl":
        return shlex.join(command)
    if target.container is not None:
        return shlex.join(["docker", "exec", target.container, *command])
    if target.ssh is not None:
        return shlex.join(["ssh", target.ssh, shlex.join(command)])
    if target.cib_file is not None and command[0] in _ON_FILES:
        return f"CIB_file={shlex.quote(target.cib_file)} {shlex.join(command)}"
    return shlex.join(command)
