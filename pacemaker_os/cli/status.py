"""pcs-os status: the cluster for people's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.target import output_options, target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("status")
@target_options
@output_options
@click.option("--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
def command(target: Target, as_json: bool, color: bool | None, watch: bool) -> None:
    """Show nodes, resources, failures, and which documents the configuration comes from.

    \b
    Example:
      pcs-os status
      pcs-os status --container lab-controller02 --watch
    """
    import json
    from dataclasses import asdict

    from lxml import etree

    from pacemaker_os.cib import Cib
    from pacemaker_os.cluster import connect
    from pacemaker_os.cluster.monitor import look
    from pacemaker_os.errors import ClusterError
    from pacemaker_os.plan import tree
    from pacemaker_os.plan.ownership import owned
    from pacemaker_os.render.status import print_status, watch_status

    cluster = connect(target)
    snapshot = cluster.query()
    if not snapshot.exists:
        raise ClusterError(f"{target.cib_file}: there is no such file", code="no-such-file")
    if watch and not as_json:
        watch_status(lambda: look(cluster), cluster.name, color=color)
        return
    status = look(cluster)
    cib = Cib.from_xml(etree.tostring(tree.configuration(snapshot.cib)))
    documents = {name: len(keys) for name, keys in owned(cib).items()}
    if as_json:
        click.echo(json.dumps({**asdict(status), "documents": documents}, ensure_ascii=False, indent=2))
    else:
        print_status(status, cluster.name, documents, color=color)
