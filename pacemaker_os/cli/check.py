"""pcs-os check: prove that every service survives the loss of nodes."""

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
    help="How votes are counted; two_node, or a quorum device. By default as the cluster's corosync does it.",
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
    """Ask Pacemaker's scheduler about every loss of N nodes: does every service still run somewhere?

    It begins with all nodes there and the documents applied; nothing is written. A service that no node
    can take over, a promoted role without a place, a node that nothing could fence, or a loss of quorum
    is shown with the nodes and the constraint. Remote nodes are lost as well; of those that are alike in
    all that the documents say, a few are looked at for all. The exit status is 0 when all losses are
    survived, and 5 when one is not.

    \b
    Example:
      pcs-os check cluster.cib.yaml
      pcs-os check --survive 2 --cib-file cib.xml cluster.cib.yaml
      pcs-os check --quorum two_node --cib-file cib.xml two-nodes.cib.yaml
    """
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.planning.survival import check_survival
    from pacemaker_os.render.check import SurvivalProgress, print_proof, proof_to_json

    if failures < 1:
        raise click.UsageError("--survive takes a number of nodes, 1 or more")
    document = read_documents(list(documents), parse_variables(variables))
    with SurvivalProgress() as progress:
        proof = check_survival(
            connect(target),
            document.cib,
            name=document.name,
            options=options,
            failed_nodes=failures,
            quorum=quorum,
            on_progress=progress.tell,
        )
    if as_json:
        click.echo(proof_to_json(proof))
    else:
        print_proof(proof, color=color)
    ctx.exit(0 if proof.passed else 5)
