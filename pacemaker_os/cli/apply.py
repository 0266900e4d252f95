"""pcs-os apply: apply documents or a saved plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import (
    allow_invalid_option,
    allow_option,
    optional_document_options,
    output_options,
    parse_variables,
    target_options,
)

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target
    from pacemaker_os.plan.diff.compare import PlanOptions
    from pacemaker_os.plan.plan import Plan


@click.command("apply")
@target_options
@optional_document_options
@output_options
@click.option(
    "--plan",
    "saved",
    metavar="FILE",
    help="Apply a plan that 'pcs-os plan -o FILE' saved, to the cluster that it was created for.",
)
@click.option("--yes", "-y", is_flag=True, help="Apply without confirmation.")
@allow_option
@allow_invalid_option
@click.option(
    "--via", type=click.Choice(["cibadmin", "pcs"]), default="cibadmin", help="Program that writes the CIB."
)
@click.option("--no-wait", is_flag=True, help="Do not wait for the cluster to settle.")
@click.option(
    "--timeout", default=600.0, show_default=True, help="Timeout for the cluster to settle, in seconds."
)
@click.option(
    "--rollback-on-failure",
    is_flag=True,
    help="Roll back if the change fails, or if a signal interrupts the wait.",
)
@click.pass_context
def command(
    ctx: click.Context,
    documents: tuple[str, ...],
    variables: tuple[str, ...],
    options: PlanOptions,
    target: Target,
    saved: str | None,
    yes: bool,
    allow: tuple[str, ...] | None,
    allow_invalid: tuple[str, ...],
    via: str,
    no_wait: bool,
    timeout: float,
    rollback_on_failure: bool,
    as_json: bool,
    color: bool | None,
) -> None:
    """Apply documents to a cluster.

    Creates a plan, asks for confirmation, writes the CIB, waits for the cluster to settle, and verifies the
    result. A change that others make after the plan was created is never overwritten.

    The apply is recorded before it is written ('pcs-os history'). SIGINT, SIGTERM and SIGHUP wait for a write
    in progress, then end the command, and print what was written and how to roll it back; with
    --rollback-on-failure, they roll it back. A second SIGINT or SIGTERM ends the command immediately.

    \b
    Exit status:
      0  applied, or no changes
      1  failed
      3  conflict: the CIB changed after the plan was created
      4  the plan has effects or loses operator overrides that --allow does not permit, or Pacemaker finds
         errors that --allow-invalid does not name
      129, 130, 143  interrupted by SIGHUP, SIGINT, SIGTERM

    With --json, each line is a JSON object. Its "event" is one of:

    \b
      planned         the "plan"
      pushed          the new CIB "version" and the ID in the "history"; twice if resources must stop
                      before they are removed
      rolling-back    the rollback of "history" begins
      waiting         first poll: actions that are "running" and "remaining", with their reasons
      progress        the same, on each change and at least every 10 s
      done or failed  the "outcome": done, no-changes, failed, interrupted, rolled-back or refused

    \b
    Example:
      pcs-os apply cluster.cib.yaml
      pcs-os apply --yes --allow restart --rollback-on-failure cluster.cib.yaml
      pcs-os apply --plan plan.json
      pcs-os apply --yes --json cluster.cib.yaml | tail -n 1
    """
    from pacemaker_os.cli.support.run_apply import Consent, apply_session, run_apply
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.apply.outcome import ApplyOptions

    if (saved is None) == (not documents):
        raise click.UsageError("specify either documents or a saved plan (--plan FILE)")
    if saved is not None and (variables or not options.is_default):
        raise click.UsageError(
            "--plan cannot be combined with --var, --take-over and other planning options; "
            "pass them to 'pcs-os plan' instead"
        )
    values, apply_options = (
        parse_variables(variables),
        ApplyOptions(not no_wait, timeout, rollback_on_failure),
    )
    with apply_session(ctx, target, as_json=as_json):
        if saved is not None:
            from pacemaker_os.cluster.planning.saved_plan import prepare_saved, target_of

            plan = _read_plan(saved)
            cluster = connect(target_of(plan, target), via=via)
            cluster.require_writable()
            prepared = prepare_saved(cluster, plan)
        else:
            cluster = connect(target, via=via)
            cluster.require_writable()
            from pacemaker_os.cli.support.documents import read_documents
            from pacemaker_os.cluster.planning.planner import prepare_document

            prepared = prepare_document(cluster, read_documents(list(documents), values), options)
        consent = Consent.of(yes=yes, allow=allow, allow_invalid=allow_invalid)
        status = run_apply(cluster, prepared, apply_options, consent, as_json=as_json, color=color)
    ctx.exit(status)


def _read_plan(path: str) -> Plan:
    from pathlib import Path

    from pacemaker_os.errors import InputError, file_problem
    from pacemaker_os.plan.plan import Plan

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError([file_problem(path, error)]) from None
    return Plan.loads(data, file=path)
