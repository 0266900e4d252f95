"""pcs-os apply: plan, ask, push, wait and verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import document_options, output_options, parse_variables, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Cluster, Target
    from pacemaker_os.cluster.planning.planner import Prepared
    from pacemaker_os.plan.diff.compare import PlanOptions


@click.command("apply")
@target_options
@document_options
@output_options
@click.option("--plan", "saved", metavar="FILE", help="Apply a plan saved by: pcs-os plan -o FILE")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option(
    "--allow",
    metavar="VERBS",
    help="Refuse (exit 4) other effects than start, promote, migrate, reload and these, as in restart,move.",
)
@click.option(
    "--via", type=click.Choice(["cibadmin", "pcs"]), default="cibadmin", help="Which program writes the CIB."
)
@click.option("--no-wait", is_flag=True, help="Do not wait until the cluster has settled.")
@click.option("--timeout", default=600.0, show_default=True, help="How long to wait, in seconds.")
@click.option("--rollback-on-failure", is_flag=True, help="Take the change back when it fails.")
@click.pass_context
def command(
    ctx: click.Context,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    options: PlanOptions,
    target: Target,
    saved: str | None,
    yes: bool,
    allow: str | None,
    via: str,
    no_wait: bool,
    timeout: float,
    rollback_on_failure: bool,
    as_json: bool,
    color: bool | None,
) -> None:
    """Make a cluster what documents say: show the plan, ask, write it at once, wait, and verify.

    The exit status is 0 when it is done (or there was nothing to do), 1 when something failed, 3 when
    somebody else changed the configuration meanwhile, 4 when an effect was not allowed.

    With --json each line is an event, a JSON object whose "event" is planned (with the "plan"), pushed (with
    the CIB's "version"; twice where resources are stopped before they are removed), waiting and then
    progress (what is "running", what is "left" and why; at least each 10 s), and at the end done or failed
    (with the "outcome": done, no-changes, failed, rolled-back, refused).

    \b
    Example:
      pcs-os apply cluster.cib.yaml
      pcs-os apply --yes --allow restart --rollback-on-failure cluster.cib.yaml
      pcs-os apply --plan plan.json
      pcs-os apply --yes --json cluster.cib.yaml | tail -n 1
    """
    from pacemaker_os.cli.support.run_apply import Consent, failures_told, run_apply
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.apply.apply import ApplyOptions

    if (saved is None) == (not documents):
        raise click.UsageError("give documents, or a saved plan with --plan")
    if saved is not None and (variables or not options.is_default):
        message = "a saved plan is applied as it is: give --var and options like --take-over to pcs-os plan"
        raise click.UsageError(message)
    words, chosen = parse_variables(variables), ApplyOptions(not no_wait, timeout, rollback_on_failure)
    with failures_told(ctx, as_json=as_json):
        cluster = connect(target, via=via)
        if saved is not None:
            prepared = _from_saved(cluster, saved)
        else:
            from pacemaker_os.cli.support.documents import read_documents
            from pacemaker_os.cluster.planning.planner import prepare_document

            prepared = prepare_document(cluster, read_documents(list(documents), words), options)
        consent = Consent.of(yes=yes, allow=allow)
        status = run_apply(cluster, prepared, chosen, consent, as_json=as_json, color=color)
    ctx.exit(status)


def _from_saved(cluster: Cluster, path: str) -> Prepared:
    from pathlib import Path

    from pacemaker_os.cluster.planning.planner import prepare_saved
    from pacemaker_os.errors import InputError, Problem
    from pacemaker_os.plan.plan import Plan

    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise InputError([Problem(path, 0, 0, f"cannot be read: {error.strerror}", "unreadable")]) from None
    return prepare_saved(cluster, Plan.loads(text, file=path))
