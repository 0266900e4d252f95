"""pcs-os lab: a cluster of containers."""

from __future__ import annotations

import click

_name_option = click.option("--name", default="lab", show_default=True, help="Which lab.")


@click.group("lab")
def command() -> None:
    """Start a cluster of containers, and break it on purpose.

    \b
    Example:
      pcs-os lab up
      pcs-os lab fault kill controller02
      pcs-os lab status
      pcs-os lab down
    """


@command.command()
@_name_option
@click.option("--nodes", type=int, help="Cluster nodes: controller01, ...; 3 in a new lab.")
@click.option("--remotes", type=int, help="Remote nodes: compute01, ...; none in a new lab.")
@click.option("--release", help="Debian's release: trixie (in a new lab) or bookworm.")
@click.option("--image", help="What the nodes are made of: node (in a new lab), or services: with daemons.")
@click.option("--bare", is_flag=True, help="Start the nodes, but make no cluster of them.")
def up(
    name: str, nodes: int | None, remotes: int | None, release: str | None, image: str | None, bare: bool
) -> None:
    """Start a lab, or finish or repair one.

    \b
    Example:
      pcs-os lab up --nodes 5 --release bookworm --name five
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
    """Take a lab away, with everything in it.

    \b
    Example:
      pcs-os lab down --name five
    """
    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.nodes import remove_all

    with open_engine() as client:
        count = remove_all(client, name)
    click.echo(f"the lab '{name}' is gone" if count else f"there is no lab '{name}'")


@command.command()
@click.option("--name", default=None, help="Only this lab; all labs if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(name: str | None, as_json: bool) -> None:
    """Show the labs: containers, and what each cluster says of its nodes.

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
            "there is no lab; `pcs-os lab up` starts one" if name is None else f"there is no lab '{name}'"
        )
    for state in states:
        word = "online" if state.online else state.container
        click.echo(
            f"{state.lab:12} {state.node:14} {state.role:7} {state.address:15} {state.release:9} {word}"
        )


@command.command("exec", context_settings={"ignore_unknown_options": True})
@_name_option
@click.argument("node")
@click.argument("words", nargs=-1, required=True, metavar="-- COMMAND...")
def execute(name: str, node: str, words: tuple[str, ...]) -> None:
    """Run a command on a node, with this terminal as its own.

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
        there = find_containers(client, name)
        pick(there, name, [node])
        container = str(there[node].name)
    terminal = ["-t"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    os.execvp("docker", ["docker", "exec", "-i", *terminal, container, *words])  # noqa: S606 (becomes it)


@command.command()
@_name_option
@click.argument(
    "kind",
    metavar="KIND",
    type=click.Choice(["kill", "pause", "partition", "heal", "power-loss", "stop-daemon"]),
)
@click.argument("nodes", nargs=-1, metavar="[NODE]...")
@click.option("--daemon", help="With stop-daemon: the process to kill, such as corosync or haproxy.")
def fault(name: str, kind: str, nodes: tuple[str, ...], daemon: str | None) -> None:
    """Break nodes, or heal them. With power-loss and heal, no NODE means all.

    \b
    kill         switch off          partition   cut off from all other nodes, as one group
    pause        freeze              heal        end partitions and pauses, switch on
    power-loss   switch off at once  stop-daemon kill a process

    \b
    Example:
      pcs-os lab fault kill controller02
      pcs-os lab fault stop-daemon controller01 --daemon corosync
    """
    from pacemaker_os.lab import faults
    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.nodes import find_containers

    if (kind == "stop-daemon") != (daemon is not None):
        raise click.UsageError("stop-daemon and --daemon go together")
    if not nodes and kind not in ("heal", "power-loss"):
        raise click.UsageError(f"name the nodes for {kind}")
    with open_engine() as client:
        there = find_containers(client, name)
        names = faults.pick(there, name, nodes)
        if daemon is not None:
            faults.stop_daemon(there, names, daemon)
        else:
            faults.FAULTS[kind](there, names)
    click.echo(f"{kind}: {', '.join(names)}")
