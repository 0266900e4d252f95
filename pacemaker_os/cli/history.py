"""pcs-os history: list previous applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import output_options, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("history")
@target_options
@output_options
def command(target: Target, as_json: bool, color: bool | None) -> None:
    """List previous applies, the newest first, with the IDs that 'pcs-os rollback' accepts.

    The records are stored on every cluster node that was reachable; for a CIB file, in FILE.history next to
    the file. Each is written before the change, and the CIB carries the ID of the newest one. The list
    therefore shows whether an interrupted apply was written, not written, or written only in part.

    \b
    Example:
      pcs-os history
      pcs-os history --container lab-controller01 --json
    """
    import json

    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.apply.unrecorded import changes_on_top
    from pacemaker_os.cluster.observe.applies import recorded_applies
    from pacemaker_os.errors import MissingFile
    from pacemaker_os.render.history import history_data, print_history

    cluster = connect(target)
    applies = recorded_applies(cluster)
    records = applies.history.records
    if not records and target.cib_file is not None and not applies.snapshot.exists:
        raise MissingFile(str(target.cib_file))
    unrecorded = changes_on_top(applies)
    if as_json:
        click.echo(json.dumps(history_data(applies, unrecorded), ensure_ascii=False, indent=2))
    else:
        print_history(applies, unrecorded, color=color)
