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
@click.option("--nodes", default=3, show_default=True, help="Cluster nodes: controller01, ...")
@click.option("--remotes", default=0, show_default=True, help="Remote nodes: compute01, ...")
@click.option("--release", default="trixie", show_default=True, help="Debian release: trixie or bookworm.")
@click.option("--bare", is_flag=True, help="Start the nodes, but make no cluster of them.")
def up(name: str, nodes: int, remotes: int, release: str, bare: bool) -> None:
    """Start a lab, or finish or repair one.

    \b
    Example:
      pcs-os lab up --nodes 5 --release bookworm --name five
    """
    from pacemaker_os.cli.steps import telling_progress
    from pacemaker_os.lab.engine import open_engine
    from pacemaker_os.lab.up import lab_up

    with open_engine() as client:
        lab = lab_up(
            client,
            name=name,
            release=release,
            controllers=nodes,
            remotes=remotes,
            bare=bare,
            progress=telling_progress(),
        )
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
