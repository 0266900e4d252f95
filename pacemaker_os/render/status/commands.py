"""Shell commands that act on the target cluster, for advice to the operator."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from dataclasses import replace

from pacemaker_os.cluster import Target
from pacemaker_os.status.finding import Finding

#: Programs that use the CIB file of the environment variable CIB_file.
_ON_FILES = ("cibadmin", "crm_resource", "crm_attribute", "crm_ticket")

#: The end of an advice that introduces a command.
_RUN = "run:"


def next_step(finding: Finding, target: Target, nodes: Collection[str]) -> tuple[str, str]:
    """Return the advice of a finding and its shell command on the target; `nodes` are those of the cluster.

    A command for one node names this node, and how to reach it where the target tells.
    """
    if not finding.node:
        return finding.advice, shell_command(finding.command, target) if finding.command else ""
    advice = finding.advice
    if advice.endswith(_RUN):
        advice = f"{advice.removesuffix(_RUN)}run on {finding.node}:"
    return advice, shell_command(finding.command, _target_of(target, finding.node, nodes))


def shell_command(command: Sequence[str], target: Target) -> str:
    """Return the shell command that runs a command on the target."""
    if command[0] == "pcs-os":
        return target.command(command)
    if target.container is not None:
        return shlex.join(["docker", "exec", target.container, *command])
    if target.ssh is not None:
        return shlex.join(["ssh", target.ssh, shlex.join(command)])
    if target.cib_file is not None and command[0] in _ON_FILES:
        return f"CIB_file={shlex.quote(target.cib_file)} {shlex.join(command)}"
    return shlex.join(command)


def _target_of(target: Target, node: str, nodes: Collection[str]) -> Target:
    """Return the target that reaches a node, or this machine where that is unknown.

    The containers of a lab are named after its nodes, with a common prefix.
    """
    if target.container is not None:
        name = target.container
        prefixes = (name.removesuffix(each) for each in nodes if name.endswith(each))
        prefix = next(prefixes, None)
        return Target() if prefix is None else replace(target, container=f"{prefix}{node}")
    if target.ssh is not None:
        user, at, host = target.ssh.rpartition("@")
        return replace(target, ssh=f"{user}{at}{node}") if host in nodes else Target()
    return target
