"""pcs-os graph: the cluster drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import parse_variables, target_options

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pacemaker_os.cluster import Cluster, Target
    from pacemaker_os.render.graph.model import Graph

#: What can be written, and what the name of a file ends with for it.
FORMATS = ("dot", "svg", "json")


@click.command("graph")
@target_options
@click.argument("documents", nargs=-1, metavar="[DOC...]")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a document's variable.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file: .svg, .dot or .json.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="What to write; by default as FILE ends.")
@click.option(
    "--fail", "failed_nodes", multiple=True, metavar="NODE", help="Show the impact of a failure of this node."
)
@click.option("--all", "every", is_flag=True, help="A box for each service, however many are alike.")
def command(
    target: Target,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    output: str | None,
    form: str | None,
    failed_nodes: tuple[str, ...],
    every: bool,
) -> None:
    """Draw nodes with what runs on them, and what constraints say between services.

    Of a live cluster or a CIB file; of documents, as they would run with all nodes there. What is alike is
    one box, and a line that follows from others is left out. A line goes from what starts first to what
    waits for it: dashed when the order is optional, with a dot when both are always on one node. The
    purple way is the critical path of a start. With --fail, red falls, amber moves.

    \b
    Example:
      pcs-os graph cluster.cib.yaml -o cluster.svg
      pcs-os graph --container lab-controller01 --fail controller02 -o without-2.svg
      pcs-os graph --cib-file cib.xml --format json
    """
    from contextlib import nullcontext

    from pacemaker_os.render.graph.boxes import folded, singly
    from pacemaker_os.render.graph.formats import drawn
    from pacemaker_os.render.graph.impact import impact_lines

    with _foreseen(documents, variables, target) if documents else nullcontext(_connect(target)) as cluster:
        graph = _graph(cluster, failed_nodes)
    text = drawn(graph, form or _form_of(output), singly if every else folded)
    if output is None:
        click.echo(text, nl=False)
        return
    from pacemaker_os.cli.support.files import write_text

    write_text(output, text)
    click.echo(f"written: {output}")
    for line in impact_lines(graph):
        click.echo(line)


def _form_of(output: str | None) -> str:
    """What a file is to hold, by its name; DOT where nobody says."""
    ending = (output or "").rpartition(".")[2].lower()
    return ending if ending in FORMATS else "dot"


def _connect(target: Target) -> Cluster:
    from pacemaker_os.cluster import connect

    return connect(target)


def _foreseen(
    documents: tuple[str, ...], variables: tuple[str, ...], target: Target
) -> AbstractContextManager[Cluster]:
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.cluster.planning.predicted_cluster import predicted_cluster

    if target.cib_file or target.container or target.ssh:
        raise click.UsageError("draw documents, or a cluster: give one of them")
    return predicted_cluster(read_documents(list(documents), parse_variables(variables)))


def _graph(cluster: Cluster, failed_nodes: tuple[str, ...]) -> Graph:
    from pacemaker_os.cluster.observe.read_state import read_state
    from pacemaker_os.cluster.planning.impact import predict_impacts
    from pacemaker_os.render.graph.model import draw

    cib, state = cluster.query().cib, read_state(cluster)
    found = predict_impacts(cluster, cib, failed_nodes) if failed_nodes else ()
    return draw(cib, state, failed_nodes=failed_nodes, impacts=found)
