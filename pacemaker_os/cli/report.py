"""pcs-os report: everything about a cluster on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import parse_variables, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("report")
@target_options
@click.argument("documents", nargs=-1, metavar="[DOC...]")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a document's variable.")
@click.option("-o", "--output", metavar="FILE", help="The page to write; by default it is printed.")
@click.option(
    "--results", multiple=True, metavar="FILE", help="Figures of a fault campaign, to be shown too."
)
@click.option(
    "--survive", "failures", default=1, show_default=True, metavar="N", help="How many nodes the proof loses."
)
def command(
    target: Target,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    output: str | None,
    results: tuple[str, ...],
    failures: int,
) -> None:
    """Write one page that shows the cluster: a file that needs no network, for a browser or a printer.

    Status, graph, drift, the proof that every service survives the loss of nodes, what happened on a time
    line, and history. With documents, also what applying them would do, and the proof is of them. The page
    is for its owner's eyes alone, as it shows the configuration.

    \b
    Example:
      pcs-os report -o report.html
      pcs-os report --container lab-controller01 cluster.cib.yaml -o report.html
    """
    from pacemaker_os.cli.support.documents import read_documents, read_text, reason
    from pacemaker_os.cli.support.files import write_private
    from pacemaker_os.cluster import connect
    from pacemaker_os.errors import InputError, Problem
    from pacemaker_os.render.report.campaign import read_campaign
    from pacemaker_os.render.report.gather import gather
    from pacemaker_os.render.report.page import to_html

    document = read_documents(list(documents), parse_variables(variables)) if documents else None
    campaigns = []
    for file in results:
        try:
            campaigns.append(read_campaign(read_text(file), file=file))
        except (OSError, ValueError) as error:
            raise InputError([Problem(file, 0, 0, reason(error), "unreadable")]) from None
    page = to_html(gather(connect(target), target, document, campaigns=tuple(campaigns), lost=failures))
    if output is None:
        click.echo(page)
        return
    write_private(output, page)
    click.echo(f"written: {output}")
