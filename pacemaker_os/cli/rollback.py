"""pcs-os rollback: the guarded way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import output_options, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("rollback")
@target_options
@click.argument("identifier", metavar="[ID]", required=False)
@output_options
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--allow", metavar="VERBS", help="Refuse (exit 4) other effects than the harmless and these.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the cluster has settled.")
@click.option("--timeout", default=600.0, show_default=True, help="How long to wait, in seconds.")
@click.pass_context
def command(
    ctx: click.Context,
    identifier: str | None,
    target: Target,
    yes: bool,
    allow: str | None,
    no_wait: bool,
    timeout: float,
    as_json: bool,
    color: bool | None,
) -> None:
    """Take back an apply (the last one, or the one with this ID): plan, ask, write, wait and verify.

    What was changed since by anybody else is not overwritten: that is a conflict, exit status 3. With --json
    each line is an event, as with apply.

    \b
    Example:
      pcs-os history
      pcs-os rollback 20260101T120000-0.43
    """
    from pacemaker_os.cli.support.run_apply import Consent, failures_told, run_apply
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.apply.apply import ApplyOptions, prepare_rollback
    from pacemaker_os.cluster.store.history import find_record

    with failures_told(ctx, as_json=as_json):
        cluster = connect(target)
        done = find_record(cluster, identifier)
        prepared, way = prepare_rollback(cluster, done), ApplyOptions(not no_wait, timeout)
        consent = Consent.of(yes=yes, allow=allow)
        status = run_apply(cluster, prepared, way, consent, as_json=as_json, color=color, reverts=done.id)
    ctx.exit(status)
