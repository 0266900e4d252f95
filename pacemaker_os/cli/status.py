"""pcs-os status: show problems, the commands that fix them, and where each service runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import output_options, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("status")
@target_options
@output_options
@click.option("--watch", is_flag=True, help="Refresh and list state changes until interrupted.")
@click.option(
    "--all", "every", is_flag=True, help="Show one line per service instead of combining equal services."
)
def command(target: Target, as_json: bool, color: bool | None, watch: bool, every: bool) -> None:
    """Show problems, the commands that fix them, and where each service runs.

    Daemons, disks, links, clocks and virtual addresses are checked on each node that can be reached.

    Failures are shown with the exit reason of the agent. Operator overrides (bans, standby, maintenance,
    stopped or unmanaged resources) are shown with the command that removes them. Drift from applied documents
    is shown if the cluster has their apply history. With --watch and --json, each line is one snapshot.

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
        from pacemaker_os.render.status.watch import print_snapshots, watch_status

        show = print_snapshots if as_json else watch_status
        # Ctrl-C is the regular way to leave.
        with suppress(KeyboardInterrupt):
            show(cluster, target, color=color)
    elif as_json:
        import json

        click.echo(json.dumps(read_state(cluster).to_json(), ensure_ascii=False, indent=2))
    else:
        from pacemaker_os.render.status.screen import MANY, print_status

        state = read_state(cluster)
        print_status(state, target, many=len(state.services) if every else MANY, color=color)
