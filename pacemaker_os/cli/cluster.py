"""pcs-os cluster: a cluster of bare nodes, and its membership."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pacemaker_os.cluster.setup.topology import Topology

_topology = click.argument("topology", type=click.Path())
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("cluster")
def command() -> None:
    """Make a cluster of bare nodes, and change its membership.

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
@click.option("--timeout", default=120.0, show_default=True, help="Seconds for the nodes to come online.")
@_json
def create(topology: str, timeout: float, as_json: bool) -> None:
    """Make the nodes a running cluster, or finish one that is half made.

    Nothing is changed where all is as it should be.

    \b
    Example:
      pcs-os cluster create topology.yaml
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.create import create_cluster

    wanted = _read(topology)
    changed = create_cluster(wanted, step_printer(), timeout=timeout)
    word = "runs now" if changed else "runs as it should: nothing to do"
    _tell(as_json, wanted, wanted.names if changed else (), f"the cluster '{wanted.name}' {word}")


@command.command("add-node")
@_topology
@_json
def add_node(topology: str, as_json: bool) -> None:
    """Take the nodes of TOPOLOGY that the cluster lacks into it.

    \b
    Example:
      pcs-os cluster add-node topology.yaml
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.membership import add_nodes

    wanted = _read(topology)
    added = add_nodes(wanted, step_printer())
    _tell(as_json, wanted, added, f"added: {', '.join(added)}" if added else "nothing to do")


@command.command("remove-node")
@_topology
@click.argument("nodes", nargs=-1, required=True, metavar="NODE...")
@_json
def remove_node(topology: str, nodes: tuple[str, ...], as_json: bool) -> None:
    """Take nodes out of the cluster; what runs on them moves or stops.

    \b
    Example:
      pcs-os cluster remove-node topology.yaml controller03
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.membership import remove_nodes

    wanted = _read(topology)
    remove_nodes(wanted, nodes, step_printer())
    _tell(as_json, wanted, nodes, f"removed: {', '.join(nodes)}")


@command.command()
@_topology
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
def destroy(topology: str, yes: bool, as_json: bool) -> None:
    """End the cluster on all its nodes: resources are stopped, the configuration is gone.

    \b
    Example:
      pcs-os cluster destroy topology.yaml
    """
    from pacemaker_os.cli.support.steps import step_printer
    from pacemaker_os.cluster.setup.membership import destroy_cluster

    wanted = _read(topology)
    if not yes:
        click.confirm(
            f"Destroy the cluster '{wanted.name}' on {', '.join(wanted.names)}?", abort=True, err=True
        )
    gone = destroy_cluster(wanted, step_printer())
    _tell(as_json, wanted, gone, f"the cluster '{wanted.name}' is gone" if gone else "nothing to do")


def _read(path: str) -> Topology:
    from pacemaker_os.cluster.setup.topology_file import load_topology

    return load_topology(path)


def _tell(as_json: bool, topology: Topology, nodes: tuple[str, ...], sentence: str) -> None:
    """Print what was done, and to which nodes."""
    value = {"cluster": topology.name, "changed": bool(nodes), "nodes": list(nodes)}
    click.echo(json.dumps(value, indent=2) if as_json else sentence)
