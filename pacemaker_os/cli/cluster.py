"""pcs-os cluster: create a cluster, and add or remove nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.group import Group

if TYPE_CHECKING:
    from pacemaker_os.cluster.setup.topology import Topology

_topology = click.argument("topology", type=click.Path())
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("cluster", cls=Group)
def command() -> None:
    """Create a cluster on bare nodes, and add or remove nodes.

    TOPOLOGY is a YAML file:

    \b
      name: ha
      nodes:
        controller01: {address: 192.0.2.11, ssh: root@controller01}
        controller02: {address: 192.0.2.12, ssh: root@controller02}

    \b
    Example:
      pcs-os cluster create topology.yaml
    """


@command.command()
@_topology
@click.option(
    "--timeout", default=120.0, show_default=True, help="Timeout for the nodes to come online, in seconds."
)
@_json
def create(topology: str, timeout: float, as_json: bool) -> None:
    """Create a cluster, or complete one that was only partly created.

    A cluster that already runs as the topology declares is not changed.

    \b
    Example:
      pcs-os cluster create topology.yaml
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.create import create_cluster

    desired = _read(topology)
    changed = create_cluster(desired, step_printer(), timeout=timeout)
    result = "is running" if changed else "is already running; no changes"
    _print_result(as_json, desired, desired.names if changed else (), f"cluster '{desired.name}' {result}")


@command.command("add-node")
@_topology
@_json
def add_node(topology: str, as_json: bool) -> None:
    """Add the nodes in TOPOLOGY that are not cluster members yet.

    \b
    Example:
      pcs-os cluster add-node topology.yaml
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.membership import add_nodes

    desired = _read(topology)
    added = add_nodes(desired, step_printer())
    _print_result(as_json, desired, added, f"added: {', '.join(added)}" if added else "no changes")


@command.command("remove-node")
@_topology
@click.argument("nodes", nargs=-1, required=True, metavar="NODE...")
@_json
def remove_node(topology: str, nodes: tuple[str, ...], as_json: bool) -> None:
    """Remove nodes from the cluster. Resources on these nodes move or stop.

    \b
    Example:
      pcs-os cluster remove-node topology.yaml controller03
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.membership import remove_nodes

    desired = _read(topology)
    remove_nodes(desired, nodes, step_printer())
    _print_result(as_json, desired, nodes, f"removed: {', '.join(nodes)}")


@command.command()
@_topology
@click.option("--yes", is_flag=True, help="Destroy without confirmation.")
@_json
def destroy(topology: str, yes: bool, as_json: bool) -> None:
    """Destroy the cluster on all its nodes.

    Stops all resources and deletes the configuration.

    \b
    Example:
      pcs-os cluster destroy topology.yaml
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.membership import destroy_cluster

    desired = _read(topology)
    if not yes:
        click.confirm(
            f"Destroy cluster '{desired.name}' on {', '.join(desired.names)}?", abort=True, err=True
        )
    destroyed = destroy_cluster(desired, step_printer())
    message = f"cluster '{desired.name}' destroyed" if destroyed else "no changes"
    _print_result(as_json, desired, destroyed, message)


def _read(path: str) -> Topology:
    from pacemaker_os.cluster.setup.topology_file import load_topology

    return load_topology(path)


def _print_result(as_json: bool, topology: Topology, nodes: tuple[str, ...], message: str) -> None:
    """Print the result of a command and the nodes that it changed."""
    value = {"cluster": topology.name, "changed": bool(nodes), "nodes": list(nodes)}
    click.echo(json.dumps(value, indent=2) if as_json else message)
