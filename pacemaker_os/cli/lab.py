"""pcs-os lab: run a test cluster in containers."""

from __future__ import annotations

import click

from pacemaker_os.cli.support.group import Group
from pacemaker_os.lab.releases import DEFAULT_RELEASE, RELEASES

_name_option = click.option("--name", default="lab", show_default=True, help="Name of the lab.")


@click.group("lab", cls=Group)
def command() -> None:
    """Run a test cluster in containers and inject faults.

    \b
    Example:
      pcs-os lab up
      pcs-os lab fault kill controller02
      pcs-os lab status
      pcs-os lab down
    """


@command.command()
@_name_option
@click.option(
    "--nodes", type=int, help="Number of cluster nodes (controller01, ...). Default in a new lab: 3."
)
@click.option("--remotes", type=int, help="Number of remote nodes (compute01, ...). Default in a new lab: 0.")
@click.option(
    "--release", help=f"Debian release: {' or '.join(RELEASES)}. Default in a new lab: {DEFAULT_RELEASE}."
)
@click.option(
    "--image", help="Node image: node (default in a new lab), or services, which adds the services' daemons."
)
@click.option("--bare", is_flag=True, help="Start the nodes without creating a cluster.")
def up(
    name: str, nodes: int | None, remotes: int | None, release: str | None, image: str | None, bare: bool
) -> None:
    """Start a lab, or complete or repair an existing one.

    \b
    Example:
      pcs-os lab up --nodes 5 --name five
      pcs-os lab up --image services --name bench
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.shape import LabSpec
    from pacemaker_os.lab.up import lab_up

    spec = LabSpec(name=name, release=release, controllers=nodes, remotes=remotes, image=image)
    with open_engine() as client:
        lab = lab_up(client, spec, bare=bare, progress=step_printer())
    for node in lab.nodes:
        click.echo(f"{node.container}  {node.address}")


@command.command()
@_name_option
def down(name: str) -> None:
    """Delete a lab and everything in it.

    \b
    Example:
      pcs-os lab down --name five
    """
    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.nodes import remove_all

    with open_engine() as client:
        count = remove_all(client, name)
    click.echo(f"lab '{name}' deleted" if count else f"lab '{name}' does not exist")


@command.command()
@click.option("--name", default=None, help="Show only this lab. Default: all labs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(name: str | None, as_json: bool) -> None:
    """List the labs, their containers, and the state of each cluster node.

    \b
    Example:
      pcs-os lab status --json
    """
    import json
    from dataclasses import asdict

    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.status import lab_states

    with open_engine() as client:
        states = lab_states(client, name)
    if as_json:
        click.echo(json.dumps([asdict(state) for state in states], indent=2))
        return
    if not states:
        click.echo(
            "no labs; start one with `pcs-os lab up`" if name is None else f"lab '{name}' does not exist"
        )
    for state in states:
        status = "online" if state.online else state.container
        click.echo(
            f"{state.lab:12} {state.node:14} {state.role:7} {state.address:15} {state.release:9} {status}"
        )


@command.command("exec", context_settings={"ignore_unknown_options": True})
@_name_option
@click.argument("node")
@click.argument("args", nargs=-1, required=True, metavar="-- COMMAND...")
def execute(name: str, node: str, args: tuple[str, ...]) -> None:
    """Run a command on a node, with standard input and output of this terminal.

    \b
    Example:
      pcs-os lab exec controller01 -- crm_mon -1
    """
    import os
    import sys

    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.faults import pick
    from pacemaker_os.lab.nodes import find_containers

    with open_engine() as client:
        containers = find_containers(client, name)
        pick(containers, name, [node])
        container = str(containers[node].name)
    terminal = ["-t"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    os.execvp("docker", ["docker", "exec", "-i", *terminal, container, *args])  # noqa: S606 (becomes it)


@command.command()
@_name_option
@click.argument(
    "kind",
    metavar="KIND",
    type=click.Choice(["kill", "pause", "partition", "heal", "power-loss", "stop-daemon"]),
)
@click.argument("nodes", nargs=-1, metavar="[NODE]...")
@click.option("--daemon", help="Process to kill, with stop-daemon (for example: corosync, haproxy).")
def fault(name: str, kind: str, nodes: tuple[str, ...], daemon: str | None) -> None:
    """Inject a fault, or heal one. Without NODE, power-loss and heal apply to all nodes.

    \b
    Faults:
      kill         cut the power of nodes, without a shutdown
      power-loss   power all nodes, or the given ones, off at the same time
      pause        freeze nodes
      partition    separate nodes, as one group, from all other nodes
      stop-daemon  kill a process on nodes
      heal         end partitions and pauses, and power nodes on

    \b
    Example:
      pcs-os lab fault kill controller02
      pcs-os lab fault stop-daemon controller01 --daemon corosync
    """
    from pacemaker_os.lab import faults
    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.nodes import find_containers

    if (kind == "stop-daemon") != (daemon is not None):
        raise click.UsageError("stop-daemon requires --daemon, and --daemon requires stop-daemon")
    if not nodes and kind not in ("heal", "power-loss"):
        raise click.UsageError(f"specify at least one node for {kind}")
    with open_engine() as client:
        containers = find_containers(client, name)
        names = faults.pick(containers, name, nodes)
        if daemon is not None:
            faults.stop_daemon(containers, names, daemon)
        else:
            faults.FAULTS[kind](containers, names)
    click.echo(f"{kind}: {', '.join(names)}")
