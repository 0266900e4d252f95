"""pcs-os plan: show configuration changes and their predicted effect."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import document_options, output_options, parse_variables, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target
    from pacemaker_os.plan.diff.compare import PlanOptions


@click.command("plan")
@target_options
@document_options
@output_options
@click.option("-o", "--output", metavar="FILE", help="Save the plan to FILE, for 'pcs-os apply --plan FILE'.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "pcs"]),
    default="text",
    help="Output format: text, or pcs for the equivalent pcs commands.",
)
@click.pass_context
def command(
    ctx: click.Context,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    options: PlanOptions,
    target: Target,
    output: str | None,
    form: str,
    as_json: bool,
    color: bool | None,
) -> None:
    """Show configuration changes and their predicted effect on services.

    Read-only. Use it to detect drift. A plan that only changes owners has changes, too.

    \b
    Exit status:
      0  no changes
      1  error
      2  changes

    \b
    Example:
      pcs-os plan cluster.cib.yaml
      pcs-os plan --container lab-controller01 cluster.cib.yaml -o plan.json
    """
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.planning.planner import prepare_document

    document = read_documents(list(documents), parse_variables(variables))
    cluster = connect(target)
    prepared = prepare_document(cluster, document, options)
    plan = prepared.plan
    if output is not None:
        from pacemaker_os.cli.support.files import write_private

        write_private(output, plan.dumps() + "\n")
    if as_json:
        click.echo(plan.dumps())
    elif form == "pcs":
        from pacemaker_os.render.plan.pcs import pcs_lines

        for line in pcs_lines(plan, prepared.start):
            click.echo(line)
    else:
        from pacemaker_os.render.plan.text import print_plan

        print_plan(plan, color=color)
        if sys.stdout.isatty() and not plan.is_empty:
            click.echo("pcs-os: exit status 2, because there are changes", err=True)
    ctx.exit(0 if plan.is_empty else 2)
