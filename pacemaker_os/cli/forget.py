"""pcs-os forget: drop documents from the ownership record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import output_options, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("forget")
@target_options
@click.argument("names", metavar="DOC...", nargs=-1, required=True)
@output_options
@click.option("--yes", "-y", is_flag=True, help="Forget without confirmation.")
@click.option(
    "--release",
    is_flag=True,
    help="Also forget documents that own objects in the cluster. The objects stay, without an owner.",
)
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    target: Target,
    yes: bool,
    release: bool,
    as_json: bool,
    color: bool | None,
) -> None:
    """Drop documents whose objects are gone from the ownership record.

    DOC is the name of a document, as 'pcs-os status' shows it, not a file. No resource changes. A document
    that owns objects in the cluster is refused unless you specify --release. The apply history contains the
    change, and 'pcs-os rollback' reverts it. With --json, each line is an event, as with 'pcs-os apply'.

    \b
    Exit status:
      0  forgotten
      1  failed, or a document is unknown or owns objects
      3  conflict: the CIB changed after the plan was created

    \b
    Example:
      pcs-os forget old-site
      pcs-os forget --yes --release staging
    """
    from pacemaker_os.cli.support.run_apply import Consent, apply_session, run_apply
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.apply.outcome import ApplyOptions
    from pacemaker_os.cluster.planning.forget import prepare_forget

    with apply_session(ctx, target, as_json=as_json):
        cluster = connect(target)
        cluster.require_writable()
        prepared = prepare_forget(cluster, list(dict.fromkeys(names)), release=release)
        consent = Consent.of(yes=yes, allow=None)
        # Pacemaker ignores the record, so there is nothing to wait for.
        status = run_apply(cluster, prepared, ApplyOptions(wait=False), consent, as_json=as_json, color=color)
    ctx.exit(status)
