"""pcs-os report: generate an HTML report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import parse_variables, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("report")
@target_options
@click.argument("documents", nargs=-1, metavar="[DOC...]")
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable of the documents. Repeatable.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option(
    "--results", multiple=True, metavar="FILE", help="Include the results of a fault campaign. Repeatable."
)
@click.option(
    "--survive",
    "failures",
    default=1,
    show_default=True,
    metavar="N",
    help="Number of nodes that fail at the same time in the survival check.",
)
def command(
    target: Target,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    output: str | None,
    results: tuple[str, ...],
    failures: int,
) -> None:
    """Generate a self-contained HTML report.

    The report shows the status, the graph, drift, the survival check, a timeline of events and the apply
    history. With documents, it also shows their plan, and the survival check applies to them. The page needs
    no network. Because it shows the configuration, only the owner of FILE can read it.

    \b
    Example:
      pcs-os report -o report.html
      pcs-os report --container lab-controller01 cluster.cib.yaml -o report.html
    """
    from pacemaker_os.cli.support.documents import read_documents, read_text
    from pacemaker_os.cli.support.files import write_private
    from pacemaker_os.cluster import connect
    from pacemaker_os.errors import InputError, file_problem
    from pacemaker_os.render.report.campaign import read_campaign
    from pacemaker_os.render.report.gather import gather
    from pacemaker_os.render.report.page import to_html

    document = read_documents(list(documents), parse_variables(variables)) if documents else None
    campaigns = []
    for file in results:
        try:
            campaigns.append(read_campaign(read_text(file), file=file))
        except (OSError, ValueError) as error:
            raise InputError([file_problem(file, error)]) from None
    page = to_html(
        gather(connect(target), target, document, campaigns=tuple(campaigns), failed_nodes=failures)
    )
    if output is None:
        click.echo(page)
        return
    write_private(output, page)
    click.echo(f"{output} written")
