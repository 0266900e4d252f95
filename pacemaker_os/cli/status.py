"""pcs-os status: the cluster for people's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import output_options, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("status")
@target_options
@output_options
@click.option("--watch", is_flag=True, help="Show it live, with what changes, until Ctrl-C.")
@click.option("--all", "every", is_flag=True, help="A line for each service, however many there are.")
def command(target: Target, as_json: bool, color: bool | None, watch: bool, every: bool) -> None:
    """Show what is wrong and what to do about it; nodes, quorum, fencing; what runs where, in which role.

    Failures are told in the agents' own words, and what is held (bans, standby, maintenance, stopped or
    unmanaged resources) with the command that lets it go. What differs from the documents that were
    applied is told as far as the cluster remembers it. With --watch and --json, each look is a line.

    \b
    Example:
      pcs-os status
      pcs-os status --container lab-controller02 --watch
      pcs-os status --json --cib-file cib.xml
    """
    from contextlib import suppress

    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.observe.read_state import read_state

    cluster = connect(target)
    if watch:
        from pacemaker_os.render.status.watch import print_looks, watch_status

        show = print_looks if as_json else watch_status
        # Ctrl-C is how one leaves.
        with suppress(KeyboardInterrupt):
            show(cluster, target, color=color)
    elif as_json:
        import json

        click.echo(json.dumps(read_state(cluster).to_json(), ensure_ascii=False, indent=2))
    else:
        from pacemaker_os.render.status.screen import MANY, print_status

        state = read_state(cluster)
        print_status(state, target, many=len(state.services) if every else MANY, color=color)
