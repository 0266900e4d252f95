"""pcs-os rollback: roll back an apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import (
    allow_invalid_option,
    allow_option,
    output_options,
    target_options,
)

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("rollback")
@target_options
@click.argument("identifier", metavar="[ID]", required=False)
@output_options
@click.option("--redo", is_flag=True, help="Make the apply again that was rolled back last.")
@click.option("--yes", "-y", is_flag=True, help="Roll back without confirmation.")
@allow_option
@allow_invalid_option
@click.option("--no-wait", is_flag=True, help="Do not wait for the cluster to settle.")
@click.option(
    "--timeout", default=600.0, show_default=True, help="Timeout for the cluster to settle, in seconds."
)
@click.pass_context
def command(
    ctx: click.Context,
    identifier: str | None,
    target: Target,
    redo: bool,
    yes: bool,
    allow: tuple[str, ...] | None,
    allow_invalid: tuple[str, ...],
    no_wait: bool,
    timeout: float,
    as_json: bool,
    color: bool | None,
) -> None:
    """Roll back the newest apply, or the one with this ID.

    Without an ID, the configuration is restored exactly as it was before the newest apply. A second rollback
    goes further back, and --redo makes the apply again that was rolled back last. If another tool (pcs, crm,
    cibadmin) made changes since, the command lists them and aborts with exit status 3.

    With an ID, only the objects of that apply are reverted, and all other changes stay. If these objects
    changed since, the rollback aborts with exit status 3.

    With --json, each line is an event, as with 'pcs-os apply'. Signals act as with 'pcs-os apply'.

    \b
    Exit status:
      0  rolled back
      1  failed
      3  conflict: a change on top that no apply made, or the same objects changed after the apply
      4  the plan has effects that --allow does not permit, or errors that --allow-invalid does not name

    \b
    Example:
      pcs-os history
      pcs-os rollback
      pcs-os rollback 20260101T120000-0.43-9c41e7
      pcs-os rollback --redo
    """
    from pacemaker_os.cli.support.run_apply import Consent, apply_session, run_apply
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.apply.outcome import ApplyOptions
    from pacemaker_os.cluster.apply.rollback import redo_newest, rollback_newest, rollback_of

    if redo and identifier is not None:
        raise click.UsageError("--redo cannot be combined with an ID")
    with apply_session(ctx, target, as_json=as_json):
        cluster = connect(target)
        cluster.require_writable()
        if identifier is not None:
            reversal = rollback_of(cluster, identifier)
        else:
            reversal = redo_newest(cluster) if redo else rollback_newest(cluster)
        options = ApplyOptions(not no_wait, timeout)
        consent = Consent.of(yes=yes, allow=allow, allow_invalid=allow_invalid)
        status = run_apply(
            cluster,
            reversal.prepared,
            options,
            consent,
            as_json=as_json,
            color=color,
            intent=reversal.intent,
        )
    ctx.exit(status)
