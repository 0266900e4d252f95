"""pcs-os check: check by simulation that every service survives node failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import document_options, output_options, parse_variables, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target
    from pacemaker_os.plan.diff.compare import PlanOptions


@click.command("check")
@target_options
@document_options
@output_options
@click.option(
    "--survive",
    "failures",
    default=1,
    show_default=True,
    metavar="N",
    help="Number of nodes that fail at the same time.",
)
@click.option(
    "--quorum",
    type=click.Choice(["majority", "two_node", "ffsplit", "lms"]),
    help="How quorum is computed: majority, two_node, or a quorum device with this algorithm. "
    "Default: as in the cluster's corosync configuration.",
)
@click.pass_context
def command(
    ctx: click.Context,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    options: PlanOptions,
    target: Target,
    failures: int,
    quorum: str | None,
    as_json: bool,
    color: bool | None,
) -> None:
    """Simulate every failure of N nodes with Pacemaker's scheduler and report services that would stop.

    Each simulation starts with the documents applied and all nodes online. Nothing is written. A
    counterexample is a service that no node can take over, a promoted role that no node can take, a node
    that no device can fence, or a loss of quorum; it is shown with the failed nodes and the constraint that
    causes it. Remote nodes fail as well. Of nodes with equivalent configurations, only a few are simulated.

    \b
    Exit status:
      0  every service survives every failure
      1  error
      5  at least one failure stops a service

    \b
    Example:
      pcs-os check cluster.cib.yaml
      pcs-os check --survive 2 --cib-file cib.xml cluster.cib.yaml
      pcs-os check --quorum two_node --cib-file cib.xml two-nodes.cib.yaml
    """
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.planning.survival import check_survival
    from pacemaker_os.render.check import SurvivalProgress, print_survival, survival_to_json

    if failures < 1:
        raise click.UsageError("--survive must be at least 1")
    document = read_documents(list(documents), parse_variables(variables))
    with SurvivalProgress() as progress:
        report = check_survival(
            connect(target),
            document.cib,
            name=document.name,
            options=options,
            failed_nodes=failures,
            quorum=quorum,
            on_progress=progress.on_progress,
        )
    if as_json:
        click.echo(survival_to_json(report))
    else:
        print_survival(report, target, color=color)
    ctx.exit(0 if report.passed else 5)
