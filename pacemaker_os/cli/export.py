"""pcs-os export: a cluster as a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pacemaker_os.cli.support.options import target_options

if TYPE_CHECKING:
    from pacemaker_os.cluster import Target


@click.command("export")
@target_options
@click.option("-o", "--output", metavar="FILE", help="Write to this file instead of standard output.")
@click.option("--all", "everything", is_flag=True, help="Also what the cluster and its operators keep.")
@click.option("--json", "as_json", is_flag=True, help="Print the document as a JSON string in an object.")
def command(target: Target, output: str | None, everything: bool, as_json: bool) -> None:
    """Write a live cluster, or a CIB on disk, as a document.

    What the cluster keeps for itself (dc-version and the like) and what operators put there for a while
    (bans, standby, target-role) is left out, and said on standard error; --all keeps it in.

    \b
    Example:
      pcs-os export -o cluster.cib.yaml
      pcs-os export --cib-file /var/lib/pacemaker/cib/cib.xml
    """
    import json

    from lxml import etree

    from pacemaker_os import document
    from pacemaker_os.cib import Cib
    from pacemaker_os.cib.tree import content
    from pacemaker_os.cluster import connect
    from pacemaker_os.errors import ClusterError
    from pacemaker_os.plan.diff.ownership import owned
    from pacemaker_os.plan.export import exportable, named

    snapshot = connect(target).query()
    if not snapshot.exists:
        raise ClusterError(f"{target.cib_file}: there is no such file", code="no-such-file")
    cib = whole = Cib.from_xml(etree.tostring(content.configuration(snapshot.cib)))
    left_out: tuple[str, ...] = ()
    if not everything:
        cib, left_out = exportable(cib)
    text = named(document.dump(cib), owned(whole))
    if as_json:
        click.echo(json.dumps({"document": text, "left_out": list(left_out)}, ensure_ascii=False, indent=2))
    elif output is None:
        click.echo(text, nl=False)
    else:
        from pacemaker_os.cli.support.files import write_text

        write_text(output, text)
    for words in left_out:
        click.echo(f"left out, as an operator keeps it for a while: {words}", err=True)
