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
    the file.

    \b
    Example:
      pcs-os history
      pcs-os history --container lab-controller01 --json
    """
    import json

    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.store.history import read_history
    from pacemaker_os.errors import MissingFile
    from pacemaker_os.render.history import print_history

    cluster = connect(target)
    records = read_history(cluster.store)
    if not records and target.cib_file is not None and not cluster.query().exists:
        raise MissingFile(str(target.cib_file))
    if as_json:
        click.echo(json.dumps([record.to_json() for record in records], ensure_ascii=False, indent=2))
    else:
        print_history(records, color=color)
