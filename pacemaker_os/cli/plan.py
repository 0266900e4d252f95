"""pcs-os plan: what a document would write, and what would happen."""

from __future__ import annotations

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
@click.option("-o", "--output", metavar="FILE", help="Save the plan for: pcs-os apply --plan FILE")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "pcs"]),
    default="text",
    help="pcs: the pcs commands that would do the same, one by one.",
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
    """Show what documents would change on a cluster, and what would happen to its services.

    Nothing is written. The exit status is 0 when there is nothing to do, 2 when there are changes, and
    1 on an error, so this is also the check for drift.

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
    plan = prepare_document(cluster, document, options).plan
    if output is not None:
        from pacemaker_os.cli.support.files import write_private

        write_private(output, plan.dumps() + "\n")
    if as_json:
        click.echo(plan.dumps())
    elif form == "pcs":
        from pacemaker_os.render.plan.pcs import pcs_lines

        for line in pcs_lines(plan):
            click.echo(line)
    else:
        from pacemaker_os.render.plan.text import print_plan

        print_plan(plan, color=color)
    ctx.exit(0 if plan.is_empty else 2)
