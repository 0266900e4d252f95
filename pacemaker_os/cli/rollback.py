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
    yes: bool,
    allow: tuple[str, ...] | None,
    allow_invalid: tuple[str, ...],
    no_wait: bool,
    timeout: float,
    as_json: bool,
    color: bool | None,
) -> None:
    """Roll back the last apply, or the one with this ID.

    Rolling back a rollback applies the change again; to go further back, specify an ID.

    Changes that others made since then are never overwritten: a conflict aborts with exit status 3. With
    --json, each line is an event, as with 'pcs-os apply'.

    \b
    Exit status:
      0  rolled back
      1  failed
      3  conflict: the same objects changed after the apply
      4  the plan has effects that --allow does not permit, or errors that --allow-invalid does not name

    \b
    Example:
      pcs-os history
      pcs-os rollback 20260101T120000-0.43
    """
    from pacemaker_os.cli.support.run_apply import Consent, error_events, run_apply
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.apply.outcome import ApplyOptions
    from pacemaker_os.cluster.apply.rollback import prepare_rollback
    from pacemaker_os.cluster.store.history import find_record

    with error_events(ctx, as_json=as_json):
        cluster = connect(target)
        cluster.require_writable()
        record = find_record(cluster.store, identifier)
        prepared, options = prepare_rollback(cluster, record), ApplyOptions(not no_wait, timeout)
        consent = Consent.of(yes=yes, allow=allow, allow_invalid=allow_invalid)
        status = run_apply(
            cluster, prepared, options, consent, as_json=as_json, color=color, reverts=record.id
        )
    ctx.exit(status)
