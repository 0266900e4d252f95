"""pcs-os graph: draw the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import parse_variables, target_options

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pacemaker_os.cluster import Cluster, Target
    from pacemaker_os.render.graph.model import Graph

#: The output formats, which are also their file name extensions.
FORMATS = ("dot", "svg", "json")


@click.command("graph")
@target_options
@click.argument("documents", nargs=-1, metavar="[DOC...]")
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable of the documents. Repeatable.",
)
@click.option(
    "-o", "--output", metavar="FILE", help="Write to FILE (.svg, .dot or .json) instead of standard output."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Output format. Default: the extension of FILE, or dot.",
)
@click.option(
    "--fail",
    "failed_nodes",
    multiple=True,
    metavar="NODE",
    help="Show the impact of a failure of this node. Repeatable.",
)
@click.option(
    "--all", "every", is_flag=True, help="Draw one box per service instead of combining equal services."
)
def command(
    target: Target,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    output: str | None,
    form: str | None,
    failed_nodes: tuple[str, ...],
    every: bool,
) -> None:
    """Draw the nodes, the services that run on them, and the constraints between services.

    Draws a live cluster, a CIB file, or documents as they would run with all nodes online. Equal services
    share a box, and lines that follow from other lines are omitted. A line leads from the service that starts
    first to the service that starts after it. It is dashed if the order is optional, and has a dot if both
    services always run on the same node. Purple marks the critical path of a start. With --fail, red services
    stop, amber ones move, and yellow ones run with fewer instances.

    \b
    Example:
      pcs-os graph cluster.cib.yaml -o cluster.svg
      pcs-os graph --container lab-controller01 --fail controller02 -o without-2.svg
      pcs-os graph --cib-file cib.xml --format json
    """
    form = form or _form_of(output)
    from contextlib import nullcontext

    from pacemaker_os.render.graph.boxes import merged_boxes, separate_boxes
    from pacemaker_os.render.graph.formats import format_graph
    from pacemaker_os.render.graph.impact import impact_lines

    with _predicted(documents, variables, target) if documents else nullcontext(_connect(target)) as cluster:
        graph = _graph(cluster, failed_nodes)
    text = format_graph(graph, form, separate_boxes if every else merged_boxes)
    if output is None:
        click.echo(text, nl=False)
        return
    from pacemaker_os.cli.support.files import write_text

    write_text(output, text)
    click.echo(f"{output} written")
    for line in impact_lines(graph):
        click.echo(line)


def _form_of(output: str | None) -> str:
    """Return the format of an output file by its extension; DOT without a file or an extension."""
    from pathlib import PurePath

    suffix = PurePath(output or "").suffix
    if suffix and suffix[1:].lower() not in FORMATS:
        formats = " or ".join(f".{each}" for each in FORMATS)
        raise click.UsageError(f"cannot write '{suffix}'; use {formats}, or specify --format")
    return suffix[1:].lower() or "dot"


def _connect(target: Target) -> Cluster:
    from pacemaker_os.cluster import connect

    return connect(target)


def _predicted(
    documents: tuple[str, ...], variables: tuple[str, ...], target: Target
) -> AbstractContextManager[Cluster]:
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.cluster.planning.predicted_cluster import predicted_cluster

    if target.cib_file or target.container or target.ssh:
        raise click.UsageError("specify either documents or a cluster, not both")
    return predicted_cluster(read_documents(list(documents), parse_variables(variables)))


def _graph(cluster: Cluster, failed_nodes: tuple[str, ...]) -> Graph:
    from pacemaker_os.cluster.observe.read_state import read_state
    from pacemaker_os.cluster.planning.impact import predict_impacts
    from pacemaker_os.render.graph.model import draw

    cib, state = cluster.query().cib, read_state(cluster)
    found = predict_impacts(cluster, cib, failed_nodes) if failed_nodes else ()
    return draw(cib, state, failed_nodes=failed_nodes, impacts=found)
